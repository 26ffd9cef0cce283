"""Open any recurrent network by watching it run: every gate and state, proved against the model."""
