"""The course's words, each once: the page of terms and the lessons' pages on the site show them.

The Chinese terms are those usual in Chinese textbooks, since the course's first example is Chinese.
"""

import re
from typing import NamedTuple


class Term(NamedTuple):
    """A term: what it means, where it comes first, and what others call it.

    name, says : the term, and one plain sentence
    lesson : the number of the lesson where it comes first
    chinese : the Chinese term
    symbol : its letter in the course's formulas, as LaTeX
    keras, pytorch, papers : what it is called there; Markdown, empty where it has no name of its
        own there
    also : other spellings in the lessons
    mark : the spellings that a page of the site may explain; None for all, with their plurals.
        Words that mean other things as well are left out of it.
    otherwise : lessons before its own in which the word means something else
    """

    name: str
    says: str
    lesson: int
    chinese: str
    symbol: str = ""
    keras: str = ""
    pytorch: str = ""
    papers: str = ""
    also: tuple[str, ...] = ()
    mark: tuple[str, ...] | None = None
    otherwise: tuple[int, ...] = ()

    @property
    def slug(self) -> str:
        """What the address of its entry ends in, as GitHub and Sphinx make it of the heading."""
        return re.sub(r"[^\w -]", "", self.name.lower()).replace(" ", "-")


TERMS = (
    # Lesson 0
    Term(
        "belief",
        "The share, from 0 to 1, that the network gives an answer; the beliefs in all answers add "
        "up to 1.",
        0, "预测概率", keras="output of `softmax`", pytorch="output of `softmax`",
        papers="probability, confidence", also=("beliefs",),
    ),
    Term(
        "LSTM",
        "Long short-term memory: a recurrent network whose state is a sheet that three gates keep, "
        "change and show.",
        0, "长短期记忆", keras="`LSTM`", pytorch="`nn.LSTM`", papers="LSTM with forget gate",
        also=("long short-term memory",),
    ),
    Term(
        "MNIST",
        "70,000 handwritten digits of 28 by 28 grey pixels, with their labels: 60,000 to train on "
        "and 10,000 to test on.",
        0, "MNIST 手写数字数据集", keras="`keras.datasets.mnist`",
        pytorch="`torchvision.datasets.MNIST`",
    ),
    Term(
        "notebook cell",
        "A box of a notebook with text or Python in it, which is run as one piece.",
        0, "单元格", also=("cells",), mark=(),
    ),
    Term(
        "notebook kernel",
        "The Python behind a notebook, which runs its cells and forgets everything when it is "
        "restarted.",
        0, "内核", also=("kernel", "running kernel"), mark=("running kernel",),
    ),
    Term(
        "replay",
        "A picture with a slider that shows every step of a network at work, and says it in words.",
        0, "逐步回放", mark=(),
    ),
    Term(
        "sheet",
        "The course's likeness of a state: iron that keeps the dents of earlier blows; in the LSTM "
        "it is the cell state.",
        0, "铁板", symbol="c", mark=(),
    ),
    # Lesson 1
    Term(
        "bag of words",
        "The words of a text without their order, as their sum has them.",
        1, "词袋", papers="bag of words", also=("bag",), mark=("bag",),
    ),
    Term(
        "blow",
        "What one input adds to the sheet.",
        1, "锤击", symbol=r"i_t \odot \tilde c_t", papers="update, new content", mark=(),
    ),
    Term(
        "features",
        "The numbers that describe one input, such as the 28 pixels of a row.",
        1, "特征", keras="last axis of the input", pytorch="`input_size`",
        papers="input dimension", also=("feature",),
    ),
    Term(
        "hammer",
        "The table of weights that turns the features of an input into a blow; from lesson 2 on, "
        "the kernel.",
        1, "锤子", symbol="W", keras="`kernel`", pytorch="`weight_ih_l0`", mark=("hammer",),
    ),
    Term(
        "state",
        "What is left in the network of everything that it has read so far.",
        1, "状态", symbol="h_t", keras="`states`", pytorch="`h_0`, `h_n`", papers="state, memory",
        mark=("state",),
    ),
    Term(
        "time step",
        "One place in a sequence, at which one input is read: a row of an image, a word of a "
        "sentence.",
        1, "时间步", symbol="t", keras="second axis of the input, `timesteps`",
        pytorch="first axis of the input; second with `batch_first=True`",
        papers="time $t$ of $T$", also=("time steps",),
    ),
    Term(
        "units",
        "The numbers that a state, or the output of a layer, consists of; you choose how many.",
        1, "单元", keras="`units`", pytorch="`hidden_size`",
        papers="hidden size, cells; TensorFlow 1: `num_units`", also=("unit",),
    ),
    Term(
        "weight sharing",
        "The same weights are used at every time step, however long the sequence is.",
        1, "权重共享", papers="parameter sharing", also=("sharing the weights",),
    ),
    # Lesson 2
    Term(
        "activation",
        "The fixed curve through which a neuron's sum goes at last, such as tanh.",
        2, "激活函数", keras="`activation`, `recurrent_activation`", pytorch="`nonlinearity`",
        papers="nonlinearity, squashing function",
    ),
    Term(
        "batch",
        "Several sequences that are read side by side; they know nothing of each other.",
        2, "批", keras="first axis of the input, `batch_size`",
        pytorch="second axis of the input; first with `batch_first=True`", papers="mini-batch",
        also=("batches",),
    ),
    Term(
        "bias",
        "The number that a unit adds to its sum, whatever it reads.",
        2, "偏置", symbol="b", keras="`bias`", pytorch="`bias_ih_l0` and `bias_hh_l0`",
        also=("biases",), mark=("bias", "biases"),
    ),
    Term(
        "cell",
        "What computes one time step: from an input and the old state it makes the new state.",
        2, "循环单元", keras="`SimpleRNNCell`, `GRUCell`, `LSTMCell`",
        pytorch="`nn.RNNCell`, `nn.GRUCell`, `nn.LSTMCell`", papers="cell, block", mark=(),
        otherwise=(0, 1),
    ),
    Term(
        "convolution",
        "A layer that looks through a small window and uses the same few weights at every place.",
        2, "卷积", keras="`Conv2D`", pytorch="`nn.Conv2d`", papers="convolutional layer, CNN",
    ),
    Term(
        "dense layer",
        "A layer in which every unit reads every feature.",
        2, "全连接层", keras="`Dense`", pytorch="`nn.Linear`", papers="fully connected layer",
        also=("dense", "dense layers"), mark=("dense layer",),
    ),
    Term(
        "feature vector",
        "The list of numbers by which an input is described.",
        2, "特征向量", symbol="x",
    ),
    Term(
        "kernel",
        "The table of weights that turns an input into sums: a row for each feature, a column for "
        "each sum.",
        2, "输入权重矩阵", symbol="W", keras="`kernel`", pytorch="`weight_ih_l0`, transposed",
        papers="$W$, $W_x$, input weights", also=("kernels",),
        mark=("kernel", "kernels"), otherwise=(0,),
    ),
    Term(
        "layer",
        "Several units side by side that read the same features.",
        2, "层", keras="`Layer`", pytorch="`nn.Module`",
    ),
    Term(
        "neuron",
        "A thing that multiplies each feature by a weight, adds everything up with a bias, and "
        "squashes the sum.",
        2, "神经元", papers="unit, node",
    ),
    Term(
        "parameters",
        "All weights and biases of a network: the numbers that training changes.",
        2, "参数", keras="`weights`, `count_params()`", pytorch="`parameters()`",
        papers=r"$\theta$", also=("parameter",),
    ),
    Term(
        "recurrent kernel",
        "The table of weights that the old state goes through: a row for each unit, a column for "
        "each sum.",
        2, "循环权重矩阵", symbol="U", keras="`recurrent_kernel`",
        pytorch="`weight_hh_l0`, transposed", papers="$U$, $R$, $W_h$, recurrent weights",
        also=("recurrent kernels",),
    ),
    Term(
        "recurrent network",
        "A network that reads one input after the other and hands a state on from each step to the "
        "next.",
        2, "循环神经网络", keras="`RNN`", pytorch="`nn.RNNBase`", papers="RNN",
        also=("recurrent", "recurrent networks", "recurrent neural network", "RNN"),
        mark=("recurrent network", "recurrent neural network", "RNN"),
    ),
    Term(
        "tanh",
        "The curve, from -1 to 1, that leaves small numbers nearly as they are and squashes large "
        "ones.",
        2, "双曲正切", symbol=r"\tanh", keras="`tanh`", pytorch="`torch.tanh`", mark=(),
    ),
    Term(
        "tied weights",
        "Weights that several layers share.",
        2, "权重绑定", papers="shared weights", also=("tied",),
        mark=("tied weights", "tied"),
    ),
    Term(
        "unrolled network",
        "A recurrent network drawn with one box for each time step; there is only one cell.",
        2, "按时间步展开的网络", keras="`unroll=True` computes it so", papers="unfolded network",
        also=("unrolled",), mark=("unrolled network",),
    ),
    Term(
        "weight",
        "The number by which a unit multiplies one of the things that it reads.",
        2, "权重", symbol="w", keras="`weights`", pytorch="`weight`", also=("weights",),
    ),
    Term(
        "word vector",
        "The list of numbers that stands for a word.",
        2, "词向量", keras="row of an `Embedding`", pytorch="row of an `nn.Embedding`",
        papers="word embedding", also=("word vectors",),
    ),
    # Lesson 3
    Term(
        "automatic differentiation",
        "The computer writes down what it computes, and walks back through it by itself to give "
        "the gradient.",
        3, "自动微分", keras="`tf.GradientTape` with TensorFlow", pytorch="`torch.autograd`",
        papers="autodiff",
    ),
    Term(
        "backpropagation through time",
        "The gradient's way back through the steps of a sequence, from the last to the first.",
        3, "通过时间反向传播", papers="BPTT",
    ),
    Term(
        "chain rule",
        "Where one thing moves another, which moves a third, the slopes multiply.",
        3, "链式法则",
    ),
    Term(
        "derivative",
        "How far one number moves per unit of a small nudge to another.",
        3, "导数", symbol=r"\partial y / \partial x", also=("derivatives",),
    ),
    Term(
        "exploding gradient",
        "The product of one factor a step grows beyond all bounds when the factors are above 1.",
        3, "梯度爆炸", papers="exploding gradients", also=("explodes", "explode", "exploding"),
        mark=("explodes",),
    ),
    Term(
        "gradient",
        "The list of derivatives, one for each number that may be nudged.",
        3, "梯度", symbol=r"\nabla", keras="`tape.gradient`", pytorch="`.grad`",
        also=("gradients",),
    ),
    Term(
        "gradient clipping",
        "A gradient that is longer than some limit is made shorter and keeps its direction.",
        3, "梯度裁剪", keras="`clipnorm`, `global_clipnorm`",
        pytorch="`torch.nn.utils.clip_grad_norm_`", also=("clipping", "clip"),
        mark=("gradient clipping", "clipping"),
    ),
    Term(
        "head",
        "The last layer, which turns a state into an answer.",
        3, "输出层", keras="`Dense`", pytorch="`nn.Linear`", papers="output layer, readout",
        also=("heads",), mark=("head",),
    ),
    Term(
        "plain RNN",
        "The simplest recurrent network: its new state is the tanh of one sum.",
        3, "简单循环网络", keras="`SimpleRNN`", pytorch="`nn.RNN`",
        papers="vanilla RNN, Elman network",
    ),
    Term(
        "slope",
        "How steep a curve is at a point: what a nudge is multiplied by on its way through.",
        3, "斜率",
    ),
    Term(
        "spectral radius",
        "The size of a matrix's largest eigenvalue; of the course's rotations, the scale in front.",
        3, "谱半径", symbol=r"\rho(U)", also=("scale",), mark=("spectral radius",),
    ),
    Term(
        "vanishing gradient",
        "The product of one factor a step shrinks to nearly nothing when the factors are below 1.",
        3, "梯度消失", papers="vanishing gradients", also=("vanishes", "vanish", "vanishing"),
        mark=("vanishes",),
    ),
    # Lesson 4
    Term(
        "candidate",
        "The new content, between -1 and 1, of which a gate lets a part in; it is no gate itself.",
        4, "候选状态", symbol=r"\tilde c_t", keras="block `c` (LSTM), `h` (GRU)",
        pytorch="block `g` (LSTM), `n` (GRU)",
        papers=r"$\tilde c_t$, $g_t$, $z_t$, block input; TensorFlow 1: `j`",
    ),
    Term(
        "cell state",
        "The LSTM's sheet, which travels from step to step and stays inside.",
        4, "细胞状态", symbol="c_t", keras="`c`, the last part with `return_state=True`",
        pytorch="`c_n`", papers="memory cell, $s_t$",
    ),
    Term(
        "forget bias",
        "The bias of the forget gate; it starts at 1, so that a new network keeps more than half "
        "at each step.",
        4, "遗忘门偏置", symbol="b_f", keras="`unit_forget_bias=True`",
        papers="TensorFlow 1: `forget_bias`", also=("forget bias of 1",), mark=("forget bias",),
    ),
    Term(
        "forget gate",
        "The gate that says how much of the old cell state stays: 1 keeps all, 0 forgets all.",
        4, "遗忘门", symbol="f_t", keras="second block", pytorch="second block",
        papers="$f_t$; TensorFlow 1: third block",
    ),
    Term(
        "gate",
        "A number between 0 and 1 that something is multiplied by; the network works it out anew "
        "at every step.",
        4, "门", also=("gates",),
    ),
    Term(
        "hidden state",
        "What a cell shows after a step, to its own next step and to whoever reads it.",
        4, "隐藏状态", symbol="h_t", keras="`h`, the output", pytorch="`h_n`, `output`",
        papers="$h_t$, $y_t$, cell output", also=("hidden states",),
    ),
    Term(
        "input gate",
        "The gate that says how much of the candidate lands on the sheet.",
        4, "输入门", symbol="i_t", keras="first block", pytorch="first block", papers="$i_t$",
    ),
    Term(
        "output gate",
        "The gate that says how much of the sheet is shown; it makes the hidden state and leaves "
        "the cell state as it is.",
        4, "输出门", symbol="o_t", keras="last block", pytorch="last block", papers="$o_t$",
    ),
    Term(
        "reader",
        "The course's network that reads a digit row by row: a recurrent layer with a head of ten "
        "outputs.",
        4, "逐行读取数字的网络", mark=(),
    ),
    Term(
        "sigmoid",
        "The curve that squashes any number into the range from 0 to 1 and so makes a gate.",
        4, "sigmoid 函数（S 型函数）", symbol=r"\sigma", keras="`sigmoid`",
        pytorch="`torch.sigmoid`", papers="logistic function",
    ),
    # Lesson 5
    Term(
        "epoch",
        "One pass through all training digits.",
        5, "轮次", keras="`epochs`", also=("epochs",),
    ),
    Term(
        "mask",
        "An array that says which time steps are true ones and which are padding.",
        5, "掩码", keras="`mask`, `Masking`, `mask_zero`", pytorch="`pack_padded_sequence`",
        papers="TensorFlow 1: `sequence_length`",
    ),
    Term(
        "padding",
        "The zeros that fill up short sequences so that all fit into one array.",
        5, "填充", keras="`pad_sequences`", pytorch="`pad_sequence`",
    ),
    Term(
        "stateful layer",
        "A layer that begins each call with the state in which its last call ended.",
        5, "有状态的层", keras="`stateful=True`", pytorch="hand over `(h_n, c_n)` yourself",
        papers="TensorFlow 1: `initial_state`",
    ),
    # Lesson 6
    Term(
        "accuracy",
        "The share of all test digits that are answered rightly.",
        6, "准确率", keras="`\"accuracy\"`", papers="accuracy; error rate is 1 minus it",
    ),
    Term(
        "Adam",
        "An optimizer that divides each gradient by how large that weight's gradients have lately "
        "been.",
        6, "Adam 优化器", keras="`keras.optimizers.Adam`", pytorch="`torch.optim.Adam`",
    ),
    Term(
        "callback",
        "An object whose methods the training calls after every batch, after every epoch and at "
        "the end.",
        6, "回调", keras="`keras.callbacks.Callback`", also=("callbacks",),
    ),
    Term(
        "chance level",
        "What a guess would score: one in ten for ten digits, at a loss of 2.30.",
        6, "随机猜测水平", papers="chance, random baseline",
    ),
    Term(
        "checkpoint",
        "A file with the weights, the optimizer's memory and the number of the epoch, from which a "
        "training can go on.",
        6, "检查点", keras="`BackupAndRestore`, `ModelCheckpoint`",
        pytorch="`torch.save` of `state_dict()`",
    ),
    Term(
        "confusion matrix",
        "The table that counts, for each digit that was written, how often each one was answered.",
        6, "混淆矩阵",
    ),
    Term(
        "cross-entropy",
        "The loss that is minus the logarithm of the belief in the right answer.",
        6, "交叉熵", keras="`SparseCategoricalCrossentropy`", pytorch="`nn.CrossEntropyLoss`",
        papers="negative log-likelihood",
    ),
    Term(
        "augmentation",
        "Each training digit is shifted, turned and slanted a little, differently each time.",
        6, "数据增强", keras="`RandomTranslation` and others", pytorch="`torchvision.transforms`",
        papers="data augmentation", also=("augmented",),
    ),
    Term(
        "learning curve",
        "The loss, or the share of wrong answers, epoch by epoch.",
        6, "学习曲线", keras="`history.history`",
    ),
    Term(
        "learning rate",
        "The number that says how far a training step goes.",
        6, "学习率", symbol=r"\eta", keras="`learning_rate`", pytorch="`lr`", papers="step size",
        also=("learning rates",),
    ),
    Term(
        "logits",
        "The ten numbers of any size and sign that the head gives, before softmax makes beliefs of "
        "them.",
        6, "logits（未规范化的预测值）", keras="`from_logits=True`",
        pytorch="what `nn.CrossEntropyLoss` takes", papers="scores, unnormalised log-probabilities",
        also=("logit",),
    ),
    Term(
        "loss",
        "The one number that says how bad the answers are, and that training makes smaller.",
        6, "损失", symbol=r"\mathcal{L}", keras="`loss`", pytorch="`loss`",
        papers="cost, objective", also=("losses",),
    ),
    Term(
        "metrics",
        "Figures that are reported during training, and for whose sake no weight is changed.",
        6, "评估指标", keras="`metrics`",
    ),
    Term(
        "optimizer",
        "What decides how a training step is taken from the gradient.",
        6, "优化器", keras="`keras.optimizers`", pytorch="`torch.optim`",
    ),
    Term(
        "overfitting",
        "A network learns its training digits by heart and does worse on new ones.",
        6, "过拟合",
    ),
    Term(
        "pipeline",
        "A chain of steps through which the digits come to the network.",
        6, "数据流水线", keras="`tf.data.Dataset`", pytorch="`DataLoader`", papers="data loader",
    ),
    Term(
        "running mean",
        "The mean of what was measured so far, while the thing that is measured goes on changing.",
        6, "累计平均",
    ),
    Term(
        "schedule",
        "A learning rate that depends on the number of the update.",
        6, "学习率调度", keras="`keras.optimizers.schedules`", pytorch="`torch.optim.lr_scheduler`",
        papers="learning rate schedule",
    ),
    Term(
        "seed",
        "The number that decides all that is drawn by lot: first weights, order of the digits, "
        "augmentation.",
        6, "随机种子", keras="`keras.utils.set_random_seed`", pytorch="`torch.manual_seed`",
        also=("seeds",),
    ),
    Term(
        "set-aside digits",
        "Digits that the network never learns from, by which choices are made while it trains.",
        6, "验证集", keras="`validation_data`", papers="validation set", also=("set aside",),
        mark=("set aside",),
    ),
    Term(
        "softmax",
        "What turns logits into beliefs: each becomes exp(logit), divided by the sum of them all.",
        6, "softmax 函数", keras="`softmax`", pytorch="`torch.softmax`", papers="softmax",
    ),
    Term(
        "standard error",
        "How far a share among n digits is typically off by the luck of which digits were counted.",
        6, "标准误", symbol=r"\sqrt{p (1 - p) / n}", also=("standard errors",),
    ),
    Term(
        "test digits",
        "Digits that are used once, when all is decided, to report how good the network is.",
        6, "测试集", papers="test set",
    ),
    Term(
        "training digits",
        "The digits that the network learns from.",
        6, "训练集", papers="training set",
    ),
    Term(
        "update",
        "One training step, taken for one batch.",
        6, "参数更新", keras="`steps_per_epoch` of them", pytorch="`optimizer.step()`",
        papers="iteration, step", also=("updates",), mark=("updates",),
    ),
    # Lesson 7
    Term(
        "correlation",
        "How closely two quantities go together: 1 or -1 where they do exactly, 0 where they have "
        "nothing to do with each other.",
        7, "相关系数", symbol="r", papers="Pearson correlation", also=("correlations",),
    ),
    Term(
        "silencing",
        "A unit's c and h are held at 0, to see whether the network needs it.",
        7, "消融", papers="ablation", also=("silenced", "silence"), mark=("silenced",),
    ),
    # Lesson 8
    Term(
        "attention",
        "Every position of a sequence looks at the other positions directly; no state is handed "
        "on.",
        8, "注意力", keras="`MultiHeadAttention`", pytorch="`nn.MultiheadAttention`",
    ),
    Term(
        "cuDNN",
        "NVIDIA's library, with a fast program for all steps of an LSTM or a GRU in one go.",
        8, "cuDNN", keras="`use_cudnn`",
    ),
    Term(
        "GRU",
        "Gated recurrent unit: a recurrent network with one state and two gates.",
        8, "门控循环单元", keras="`GRU`", pytorch="`nn.GRU`", also=("gated recurrent unit",),
    ),
    Term(
        "reset gate",
        "The GRU's gate that says how much of the old state the candidate may read.",
        8, "重置门", symbol="r_t", keras="second block", pytorch="first block", papers="$r_t$",
    ),
    Term(
        "state-space model",
        "A network whose state is updated linearly, so that all steps can be trained at once.",
        8, "状态空间模型", papers="SSM, S4, Mamba", also=("state-space models",),
    ),
    Term(
        "Transformer",
        "A network of attention without a state, in which most of today's language models are "
        "built.",
        8, "Transformer", pytorch="`nn.Transformer`", also=("Transformers",),
    ),
    Term(
        "update gate",
        "The GRU's gate that says how much of the old state stays; the rest comes from the "
        "candidate.",
        8, "更新门", symbol="z_t", keras="first block", pytorch="second block, `z`",
        papers="$z_t$ or $1 - z_t$; TensorFlow 1: $u$",
    ),
    # Lesson 9
    Term(
        "Embedding",
        "A table with one row of numbers for each letter or word, from which a layer picks.",
        9, "嵌入", keras="`Embedding`", pytorch="`nn.Embedding`", papers="embedding matrix, lookup "
        "table", mark=("Embedding",),
    ),
    Term(
        "ppm",
        "Parts per million: how many of a million molecules of air are of one kind.",
        9, "百万分之一",
    ),
    Term(
        "token",
        "A piece of text that gets a number of its own: a letter, a word, or a part of one.",
        9, "词元", keras="`TextVectorization` makes them", papers="token", also=("tokens",),
    ),
    Term(
        "window",
        "So many time steps of a long series that follow each other, read as one short sequence.",
        9, "滑动窗口", keras="`timeseries_dataset_from_array`", papers="sliding window, lookback",
        also=("windows",), mark=(), otherwise=(2,),
    ),
)  # fmt: skip


# Where a term's word means something else.
OTHER_MEANINGS = re.compile(
    r"\bthe kernel (?:is dead|dies|does)\b|\b(?:another|fast|GPU|restart the|has a) kernel\b"
    r"|\boutlives the kernel\b|\bon its head\b",
    re.IGNORECASE,
)


def spellings(term: Term) -> tuple[str, ...]:
    """Return the ways in which lessons write a term."""
    return (term.name, *term.also)


def marked(term: Term) -> tuple[str, ...]:
    """Return the spellings that a page of the site may explain."""
    return spellings(term) if term.mark is None else term.mark


def first_occurrences(texts: list[str], lesson: int) -> list[tuple[int, int, int, Term]]:
    """Find where each term that a lesson may use comes first in its texts.

    Parameters
    ----------
    texts : the pieces of running text of one page, in order
    lesson : the number of its lesson: terms of later lessons are not found, as a word may mean
        something else before its term is there

    Returns
    -------
    list of (number of the text, start, end, Term), in order and without overlap
    """
    due = {
        spelling.lower(): term
        for term in TERMS
        if term.lesson <= lesson
        for spelling in marked(term)
    }
    if not due:
        return []
    # The longest first: in "forget gate" the word "gate" is no occurrence of its own.
    words = "|".join(re.escape(word) for word in sorted(due, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
    found, seen = [], set()
    for number, text in enumerate(texts):
        elsewhere = [each.span() for each in OTHER_MEANINGS.finditer(text)]
        for each in pattern.finditer(text):
            term = due[each[0].lower()]
            inside = any(start <= each.start() < end for start, end in elsewhere)
            if term not in seen and not inside:
                seen.add(term)
                found.append((number, *each.span(), term))
    return found
