"""What the note says from experience, measured: small networks of the NumPy layers on handwritten digits.

No proof can settle these statements. The numbers are stored in `results/`; the package `_experiments` makes them.
"""

from cnnsym.claim import Derivation, Experiment, Text

GOODFELLOW = "Goodfellow, Bengio and Courville 2016, Deep Learning, section "


def _results(identifier):
    return f"results/{identifier}.json"


def _command(identifier):
    return f"python -m derivations._experiments {identifier}"


def _experiment(identifier, title, statement, setup, finding, source):
    return Experiment(
        id=identifier,
        section=identifier.partition("-")[0],
        title=title,
        statement=statement,
        setup=setup,
        finding=finding,
        results=_results(identifier),
        command=_command(identifier),
        source=source,
    )


# --- 2.2 zero padding ------------------------------------------------------------------------------------------------

single_kernel = _experiment(
    "2.2-full-single-kernel-hard",
    Text("全卷积：一个核要顾及所有位置", "Full convolution: one kernel for all positions"),
    Text(
        "全卷积的输出中，靠近边界的值由较少的像素算出，因此更难学得一个在所有位置都表现出色的核。",
        "In full mode, outputs near the border are computed from fewer pixels, which makes it harder to learn a single kernel that works well at all positions.",
    ),
    Text(
        "去噪任务。场景由手写数字拼成，截取的位置随机，所以各处的统计性质相同。给出 12×12 个像素，叠加标准差为 3/10 的噪声；一个 5×5 的线性核加一个偏置，"
        "以全卷积（每侧补 4 圈零）估计每个窗口中心处的干净像素，窗口中心落在给出的像素之外时也要估计。最优的核由正规方程直接解出，不存在没训练好的问题。"
        "拟合与测试各用 2000 个场景，取自不同的数字。比较三种做法：在全部位置上拟合一个核，只在完整的窗口上拟合一个核，每个位置拟合自己的核。",
        "Denoising. Scenes are mosaics of digits, cut at a random phase, so that all places are alike. 12×12 pixels are given, with noise of standard deviation 3/10; a linear 5×5 kernel and a bias, "
        "in full mode (4 zeros on each side), estimate the clean pixel under the middle of each window, also where the middle lies beyond the pixels given. The best kernel solves the normal equations, so nothing is left untrained. "
        "Fit and test use 2000 scenes each, of different digits. Three fits are compared: one kernel at all positions, one at complete windows only, and a kernel for each position.",
    ),
    Text(
        "共用一个核有代价，而且中间的位置也要付。在离边界 4 的地方窗口已经完整，在全部位置上拟合的核仍留下目标方差的 32.3%，只在完整窗口上拟合的核留下 26.6%。"
        "最外一圈上，前者留下 106.8%，该位置自己的核留下 92.9%：那里的误差大部分来自看不到的像素，换什么核都补不回来；只在完整窗口上拟合的核到了那里更差，为 151.0%。"
        "对单个线性核，这支持讲义的说法。深层网络的后续层可以察觉边界，那里还剩下多少困难，这个实验没有回答。",
        "Sharing has a price, and positions inside pay it too. At distance 4 from the border windows are complete; there the kernel fitted at all positions leaves 32.3% of the target's variance, the one fitted at complete windows 26.6%. "
        "On the outermost ring the first leaves 106.8%, a kernel of that position's own 92.9%: most of the error there comes from pixels that nobody sees and no kernel can replace. The kernel fitted at complete windows does worse there, 151.0%. "
        "For a single linear kernel this supports the note. How much of the difficulty remains in a deep network, whose later layers can notice the border, is not answered.",
    ),
    GOODFELLOW + "9.5",
)

optimal_padding = _experiment(
    "2.2-optimal-padding",
    Text("补多少零最好", "How much zero padding is best"),
    Text(
        "零填充的最优数量通常在有效卷积与相同卷积之间。",
        "The optimal amount of zero padding usually lies somewhere between valid and same.",
    ),
    Text(
        "两个 3×3 卷积层，8 和 16 个通道，每层每个方向共补 0 到 4 行零：0 为有效卷积，2 为相同卷积，4 为全卷积；奇数行在两层中交替放在两侧。特征图再最大池化为 2×2，"
        "因此各网络的参数一样多。每类 50 幅训练图像，其余 1297 幅用于测试；Adam，400 步，每步 32 幅。做两遍：纸面取 0，补零是纸面的延续；纸面取 1，补零成为一道边框。",
        "Two layers of 3×3 convolution with 8 and 16 channels, each with 0 to 4 rows of zeros in all in each direction: 0 is valid, 2 same, 4 full; the odd one lies on alternate sides in the two layers. The maps are then max pooled to 2×2, "
        "so that all networks have equally many parameters. 50 training images of each class, the other 1297 for the test; Adam, 400 steps of 32 images. Done twice: with the paper as 0, which the zeros continue, and with the paper as 1, which they frame.",
    ),
    Text(
        "能看出的只是完全不补零不好。纸面取 0 时，有效卷积的正确率为 96.1%，相同卷积为 97.1%，10 个种子无一例外；从每侧平均补半行到全卷积，均值在 96.9% 与 97.1% 之间，差别小于种子间的起伏。"
        "纸面取 1 时两端都偏低，有效 95.9%，全 96.0%，相同 96.7%，但各个种子的最优值散布在所有填充量上。两种情形的均值都在相同卷积处最高，落在讲义所说区间的端点；"
        "说最优值在区间内部，这些数据不支持，也不否定。数字几乎顶满图像，边缘的笔画有用；换一批数据，结果可能不同。",
        "All that can be seen is that no padding at all is bad. With the paper as 0, valid reaches 96.1% and same 97.1%, in each of the 10 seeds more; from half a row on each side to full, means lie between 96.9% and 97.1%, less apart than the seeds. "
        "With the paper as 1 both ends are low, valid 95.9%, full 96.0%, same 96.7%, yet the best padding of single seeds is spread over all amounts. In both cases the mean is highest at same, an end of the range the note gives; "
        "an optimum inside the range is neither supported nor ruled out. These digits fill their images almost to the edge and strokes at the edge are useful; other data may differ.",
    ),
    GOODFELLOW + "9.5",
)

# --- 3.1 pooling -----------------------------------------------------------------------------------------------------

FOUR_ZH = (
    "四个网络都是两段 3×3 卷积加 ReLU（8 和 16 个通道），末端拉平接线性层：2×2 最大池化；2×2 平均池化；不池化，卷积步幅为 2，参数一样多；既无池化也无步幅，参数约为九倍。"
)
FOUR_EN = (
    "Four networks of two blocks of 3×3 convolution and ReLU (8 and 16 channels) and a linear layer on the flattened maps: with 2×2 max pooling; with 2×2 average pooling; with a stride of 2 instead, and as many parameters; with neither, and about nine times as many. "
)
TRAINED_ZH = "800 幅训练图像，997 幅测试图像；Adam，400 步，每步 32 幅。"
TRAINED_EN = "800 training images, 997 for the test; Adam, 400 steps of 32 images."

useful_invariance = _experiment(
    "3.1-local-invariance-useful",
    Text("局部平移不变性何时有用", "When local translation invariance is useful"),
    Text(
        "局部平移不变性很有用，尤其是关心某个特征是否出现而不关心它出现的具体位置时。",
        "Local translation invariance is useful, above all when it matters whether a feature is present and not exactly where.",
    ),
    Text(
        "每个数字放在 12×12 空白画布的 25 个位置之一。对同样的画布问两个问题：是哪个数字，在哪个位置。" + FOUR_ZH + TRAINED_ZH,
        "Each digit lies at one of the 25 places of an empty canvas of 12×12 pixels. Two questions are asked of the same canvases: which digit, and which place. " + FOUR_EN + TRAINED_EN,
    ),
    Text(
        "问“是哪个数字”，两种池化都是 87.9%，步幅 2 为 68.8%，两者皆无为 78.7%；每个种子都是池化领先。问“在哪个位置”，按上面的次序为 92.4%、92.9%、90.6%、91.6%，池化并不落后。"
        "这支持讲义：关心是否出现时池化有用。预期中池化对定位的损害没有出现：两次小窗口池化之后，拉平的特征图仍留有足够的位置信息。池化网络与步幅网络还有一处不同：它的卷积在全部位置上计算；所以差距不能全归于不变性。",
        "Asked which digit, both kinds of pooling reach 87.9%, stride 2 reaches 68.8%, neither 78.7%; pooling leads in every seed. Asked which place, the four reach, in the order above, 92.4%, 92.9%, 90.6% and 91.6%, so pooling is not behind. "
        "This supports the note: pooling is useful where presence counts. The harm to localisation that one might expect does not show; after two small poolings the flattened maps keep enough of the position. The networks with pooling differ from those with stride in one more way, their convolutions are computed at every position, so invariance need not be the whole reason.",
    ),
    GOODFELLOW + "9.3",
)

learning_curves = _experiment(
    "3.1-statistical-efficiency",
    Text("池化与统计效率", "Pooling and statistical efficiency"),
    Text(
        "当局部平移不变性的假设成立时，池化可以极大地提高网络的统计效率。",
        "When the assumption of local translation invariance holds, pooling can greatly improve the statistical efficiency of the network.",
    ),
    Text(
        "数字在 12×12 画布上的位置随机，与类别无关，所以假设成立。训练图像 50 到 800 幅，每幅一个位置；997 幅测试图像。" + FOUR_ZH + "训练步数与图像数无关：Adam，400 步，每步 32 幅。",
        "Digits lie at random places of a canvas of 12×12 pixels, whatever their class, so the assumption holds. 50 to 800 training images, each at one place; 997 for the test. " + FOUR_EN + "However many images, training takes as long: Adam, 400 steps of 32 images.",
    ),
    Text(
        "在全部四种训练集大小上，两种池化都领先。300 幅时最大池化达到 75.1%，超过步幅网络 800 幅时的 67.9%；800 幅时最大池化为 88.9%，无池化无步幅的网络为 79.3%。所有网络在训练集上都不低于 97.2%，所以差别在于泛化，不在于拟合。"
        "这支持讲义：要达到同样的正确率，池化网络所需的样本不到步幅网络的一半。功劳不只在于取最大值：平均池化同样好。图像小、网络小，“极大”到什么程度，不能由此外推。",
        "At all four sizes both kinds of pooling lead. With 300 images max pooling reaches 75.1%, more than the network with stride does with 800, 67.9%; with 800 images max pooling reaches 88.9%, the network with neither pooling nor stride 79.3%. On the training images every network reaches 97.2% or more, so the difference lies in generalisation, not in the fit. "
        "This supports the note: for equal accuracy the networks with pooling need less than half of the examples that the one with stride needs. The credit is not the maximum's alone: the average does as well. Images and networks are small, and how great \"greatly\" is elsewhere does not follow.",
    ),
    GOODFELLOW + "9.3",
)

sensitivity = _experiment(
    "3.1-invariance-not-from-pool",
    Text("不变性来自池化吗", "Does invariance come from pooling"),
    Text(
        "有文章以实验表明，卷积网络的不变性与池化关系不大。",
        "There is work that shows by experiment that the invariance of convolutional networks has little to do with pooling.",
    ),
    Text(
        "把 12×12 画布正中的测试数字向随机方向移动一个像素，量三件事：线性层之前的特征改变多少（以两幅不同图像的特征之间的距离为 100%），判断改变的比例，移动后的正确率。网络有三种：2×2 最大池化；步幅 2；两者皆无。"
        "每种有三种状态：未训练；只见过正中的数字；见过各处的数字，每次出现都换位置。" + TRAINED_ZH,
        "Test digits in the middle of a canvas of 12×12 pixels are moved by one pixel in a random direction. Measured are the change of the features before the linear layer (100% is the distance between two different images), the share of decisions that change, and the accuracy after the shift. Three networks: with 2×2 max pooling, with a stride of 2, with neither. "
        "Three states of each: untrained; trained on digits in the middle; trained on digits anywhere, at a new place each time. " + TRAINED_EN,
    ),
    Text(
        "训练的影响最大。只见过正中的数字时，移动一个像素改变最大池化网络 32.0% 的判断，步幅网络 55.1%，两者皆无的网络 51.6%；见过各处的数字之后依次为 5.3%、20.7%、3.2%。没有池化的网络也能学得同样稳定，这支持上述文章。"
        "但池化并非无关：没有从数据中学过移动时，它使判断稳定得多；步幅网络则始终落后。学到的不变性不在特征里：两者皆无的网络，特征仍改变 93.2%，稳定的只是最后的判断。未训练网络的判断各种子相差悬殊，不足为凭。",
        "Training matters most. Where only digits in the middle were seen, a shift by one pixel changes 32.0% of the decisions with max pooling, 55.1% with stride, 51.6% with neither; once digits were seen anywhere, 5.3%, 20.7% and 3.2%. A network without pooling can learn to be as stable, which supports that work. "
        "Yet pooling is not without effect: where shifts have not been learnt from data it makes decisions much more stable, and the network with stride stays behind throughout. What is learnt is not in the features: with neither, they still change by 93.2%, and only the decision is stable. Decisions of untrained networks differ widely from seed to seed and show nothing.",
    ),
    "Ruderman, Rabinowitz, Morcos and Zoran 2018, Pooling is neither necessary nor sufficient for appropriate deformation stability in CNNs, arXiv:1804.04438",
)

# --- 3.2 global average pooling --------------------------------------------------------------------------------------

WIDE_ZH = "网络有两段 3×3 卷积、ReLU 和 2×2 最大池化，8 和 32 个通道。"
WIDE_EN = "The networks have two blocks of 3×3 convolution, ReLU and 2×2 max pooling, with 8 and 32 channels. "
LONGER_ZH = "Adam，600 步，每步 32 幅。"
LONGER_EN = "Adam, 600 steps of 32 images."

overfitting = _experiment(
    "3.2-overfit",
    Text("全局平均池化与过拟合", "Global average pooling and overfitting"),
    Text(
        "全局平均池化抑制过拟合：它用均值代替空间信息，最后一层的权重少得多。",
        "Global average pooling suppresses overfitting: means take the place of spatial information, and the last layer has far fewer weights.",
    ),
    Text(
        WIDE_ZH + "末端或者拉平接线性层（2890 个参数），或者全局平均接线性层（330 个参数）。画布为 12×12，数字或者都在正中，或者在各处（每幅一个位置）。训练图像 50 到 800 幅，测试图像 997 幅；" + LONGER_ZH,
        WIDE_EN + "At the end there is a linear layer on the flattened maps (2890 parameters) or on the global averages (330 parameters). On canvases of 12×12 pixels the digits lie either in the middle or anywhere (each image at one place). 50 to 800 training images, 997 for the test; " + LONGER_EN,
    ),
    Text(
        "数字在各处时成立：800 幅训练图像下，训练与测试正确率之差由拉平的 11.3 个百分点降到 6.0，120 幅时由 43.5 降到 24.2，测试正确率相应提高，800 幅时由 88.7% 升到 94.0%。数字都在正中时看不出作用：800 幅时两者之差为 2.5 与 3.0，测试正确率 97.5% 与 96.9%。"
        "两种情形下参数数目相同，所以起作用的看来不是参数少，而是位置确实不含信息，去掉它正合适。网络只有一种，图像也小。试验时用过更少的通道和步数，全局平均的网络没能拟合训练数据，比较的结果也就不同。",
        "It does where digits lie anywhere: with 800 training images the gap between training and test accuracy falls from 11.3 points with the flattened maps to 6.0, with 120 images from 43.5 to 24.2, and test accuracy rises accordingly, with 800 images from 88.7% to 94.0%. Where all digits lie in the middle nothing is to be seen: with 800 images the gaps are 2.5 and 3.0, test accuracies 97.5% and 96.9%. "
        "The numbers of parameters are the same in both cases, so what helps seems not to be that they are few, but that position really carries no information and may go. There is one architecture only, and images are small. In trials with fewer channels and steps the networks with global averages did not fit their training data, and the comparison came out differently.",
    ),
    "Lin, Chen and Yan 2013, Network in network, section 3.2",
)

localisation = _experiment(
    "3.2-interpretable-cam",
    Text("类别与特征图的联系", "The tie between classes and feature maps"),
    Text(
        "全局平均池化比全连接更自然地加强类别与特征图之间的联系，因而更可解释。",
        "Global average pooling ties classes to feature maps more naturally than a fully connected layer does, and so is easier to interpret.",
    ),
    Text(
        "“更自然”无法测量；能测的是一个类别的证据是否落在该类的数字上。" + WIDE_ZH + "训练时 16×16 画布上只有一个数字，每次换位置；测试时左右各有一个不同类的数字，高低随机。"
        "两种末端的得分都是各位置贡献之和加偏置：全局平均时这就是类激活图，拉平时权重随位置而变。对画面上两个类分别量：正的贡献有多少落在本类数字一侧，哪一侧的贡献之和较大。随机猜测都是 50%。800 幅训练图像，997 幅测试图像；" + LONGER_ZH,
        "\"More naturally\" cannot be measured; whether the evidence for a class lies on the digit of that class can. " + WIDE_EN + "In training one digit lies on a canvas of 16×16 pixels, at a new place each time; in the test there are two of different classes, left and right, at random heights. "
        "With either head a score is a sum of contributions of places, and the bias: the class activation map for the global average, and for the flattened maps the same with weights that depend on the place. For both classes in the picture: how much of the positive contribution lies on the side of the digit, and which side contributes more in sum. Guessing gives 50% in both. 800 training images, 997 for the test; " + LONGER_EN,
    ),
    Text(
        "两种末端的类别图都指向自己的数字。本类一侧贡献较大的比例，全局平均为 98.8%，拉平为 94.8%；正的贡献落在本类一侧的份额为 81.0% 与 74.8%。五个种子里都是全局平均略高。"
        "这与讲义相符，但差距不大，而且全局平均的网络本身也更准（单个数字 95.4% 对 91.4%），差距可能部分由此而来。拉平的末端同样有这样的图；人看起来是否更易理解，这里没有测。",
        "With either head the map of a class points to its digit. The side of the digit contributes more in 98.8% of the scores with the global average and in 94.8% with the flattened maps; its share of the positive contribution is 81.0% and 74.8%. The global average is a little ahead in all five seeds. "
        "That agrees with the note, but the difference is small, and the network with the global average is the more accurate one as well (95.4% against 91.4% on single digits), which may be part of the reason. The flattened maps admit such a map too; whether people find either easier to understand was not measured.",
    ),
    "Zhou, Khosla, Lapedriza, Oliva and Torralba 2016, Learning deep features for discriminative localization, section 2",
)

# --- 4.4 invariance of the whole network -----------------------------------------------------------------------------

origin_of_invariance = _experiment(
    "4.4-invariance-from-parameters",
    Text("不变性来自参数还是结构", "Invariance from parameters or from architecture"),
    Text(
        "能用于分类的平移不变性主要来源于参数，也就是对数据的学习。",
        "The translation invariance that classification can use comes mainly from the parameters, that is from learning on data.",
    ),
    Text(
        WIDE_ZH + "末端拉平或全局平均，另有一个全局平均的网络不作下采样。800 幅训练图像在 12×12 画布上或者都在正中，或者每次换位置；还有一种情形只训练最后一层，卷积保持随机初值。在 997 幅测试图像上量：任意位置的正确率，同一数字在两个任意位置上得到相同判断的比例。" + LONGER_ZH,
        WIDE_EN + "The head works on the flattened maps or on global averages; one more network with global averages has no downsampling. 800 training images lie in the middle of a canvas of 12×12 pixels or at a new place each time; in one case the last layer alone is trained, on convolutions left as they were drawn. Measured on 997 test images: accuracy at any place, and how often a digit gets the same decision at two places. " + LONGER_EN,
    ),
    Text(
        "对拉平的网络，讲义说得对：只见过正中的数字时，任意位置的正确率为 38.8%，两处判断相同的占 31.5%；见过各处的数字后为 95.2% 和 93.7%，其中最后一层就能做到大半：卷积保持随机，只训练它，正确率已有 84.2%。"
        "但“主要来源于参数”并不普遍成立：全局平均且无下采样的网络只见过正中的数字，就有 86.8% 的正确率和 87.4% 的相同判断，这来自结构。在它前面加两次池化，正确率降到 62.6%：那时只对 4 的倍数的移动等变。未训练的网络判断也常常相同，却与分类无关。",
        "For the flattened maps the note is right: where only digits in the middle were seen, accuracy at any place is 38.8%, and decisions at two places agree in 31.5%; once digits were seen anywhere, 95.2% and 93.7%. The last layer can do most of it: trained alone, on random convolutions, it brings accuracy to 84.2%. "
        "But \"mainly from the parameters\" does not hold in general: with global averages and no downsampling, having seen digits in the middle only, a network reaches 86.8%, and decisions agree in 87.4%; that is the architecture's doing. Two poolings before it bring accuracy down to 62.6%; they are equivariant to shifts by multiples of 4 only. Decisions of untrained networks often agree too, but that is of no use for classification.",
    ),
    "Azulay and Weiss 2019, Why do deep convolutional networks generalize so poorly to small image transformations?, JMLR 20(184)",
)

augmentation = _experiment(
    "4.4-augmentation-necessary",
    Text("平移增强是否必要", "Whether augmentation by translation is necessary"),
    Text(
        "数据中平移的分布一般不均匀，因此引入平移的数据增强肯定是必要的。",
        "Since shifts are seldom evenly distributed in data, augmentation by translation is certainly necessary.",
    ),
    Text(
        WIDE_ZH + "末端拉平或全局平均。画布为 16×16，800 幅训练图像的数字离正中至多一个像素，多数在正中附近；增强时每次换到任意位置。997 幅测试图像放在离正中 0 到 4 个像素处（行、列距离中较大者）。" + LONGER_ZH,
        WIDE_EN + "The head works on the flattened maps or on global averages. On canvases of 16×16 pixels the digits of the 800 training images lie in the middle or one pixel from it, near ones being likelier; with augmentation they are moved anywhere, anew each time. The 997 test images lie 0 to 4 pixels from the middle (by row or by column, whichever is more). " + LONGER_EN,
    ),
    Text(
        "对拉平的网络，增强必不可少：不增强时正中为 96.9%，离开两个像素降到 49.9%，四个像素为 11.4%，与猜测无异；增强后四个像素处为 90.4%，正中为 93.6%，略有牺牲。"
        "对全局平均的网络，增强有益而非必要：不增强时四个像素处仍有 90.3%，增强后为 95.1%。所以“肯定必要”要看结构；这里的画布空白、没有背景，真实照片的移动还会带进新的内容，没有测。",
        "For the flattened maps there is no doing without it: not augmented, accuracy is 96.9% in the middle, 49.9% two pixels away and 11.4% four pixels away, which is guessing; augmented, it is 90.4% four pixels away and 93.6% in the middle, a little less than before. "
        "For global averages augmentation is useful but not necessary: not augmented, accuracy four pixels away is still 90.3%, augmented 95.1%. So whether it is \"certainly necessary\" depends on the architecture. The canvases here are empty and without background; in photographs a shift brings in new content, which was not measured.",
    ),
    "Azulay and Weiss 2019, Why do deep convolutional networks generalize so poorly to small image transformations?, JMLR 20(184)",
)

position_bias = _experiment(
    "4.4-photographer-bias",
    Text("训练与测试有同样的位置偏差", "The same position bias in training and test"),
    Text(
        "拍照的人有位置上的偏好，所以测试集的平移分布与训练集类似。",
        "Photographers have a position bias, so that shifts in the test set are distributed much as in the training set.",
    ),
    Text(
        "拍照的人是否如此，这份数据无从得知：数字早已裁好、缩放到图像大小。能测的是由此而来的后果。画布为 16×16，行、列的偏移各自独立地取 0 到 8，分布有三种：偏正中（二项分布，概率 1/2），偏左上（二项分布，概率 1/8），均匀。"
        "训练图像每幅一个位置，再换各种分布来测试。" + WIDE_ZH + "末端拉平或全局平均。800 幅训练图像，997 幅测试图像；" + LONGER_ZH,
        "What photographers do cannot be learnt from these data: the digits were cut out and scaled to their images before. What follows from it can be measured. On canvases of 16×16 pixels the offsets by row and by column, from 0 to 8 and independent, have one of three laws: near the middle (binomial, probability 1/2), near the upper left corner (binomial, probability 1/8), even. "
        "Each training image has one place; the test has each law in turn. " + WIDE_EN + "The head works on the flattened maps or on global averages. 800 training images, 997 for the test; " + LONGER_EN,
    ),
    Text(
        "偏差一致时，缺少不变性并不显露：拉平的网络在偏正中的数字上训练，同样分布的测试为 84.7%，均匀的测试为 59.5%，偏左上的为 37.8%。测试均匀时，均匀地训练更好，为 76.0%。"
        "但“同分布时泛化最好”不能理解为换任何分布都变差：均匀训练的网络，在偏正中的测试上为 80.1%，高于在它自己的分布上。全局平均的网络在偏正中的数字上训练，三种测试为 93.5%、92.0%、92.4%，几乎不受分布影响。讲义关于拍照者的前提没有得到检验。",
        "While the bias is shared, a lack of invariance does not show: flattened maps, trained on digits near the middle, reach 84.7% in a test with the same law, 59.5% in an even test and 37.8% near a corner. For an even test, even training is better, 76.0%. "
        "But \"the same distribution generalises best\" cannot mean that every other one is worse: the network trained evenly reaches 80.1% on digits near the middle, more than on its own law. With global averages, trained near the middle, the three tests give 93.5%, 92.0% and 92.4%; the law hardly matters. The premise about photographers has not been tested.",
    ),
    "Azulay and Weiss 2019, Why do deep convolutional networks generalize so poorly to small image transformations?, JMLR 20(184)",
)

DERIVATION = Derivation(
    title=Text("经验之谈，实测", "What is said from experience, measured"),
    context="",
    claims=(),
    experiments=(
        single_kernel,
        optimal_padding,
        useful_invariance,
        learning_curves,
        sensitivity,
        overfitting,
        localisation,
        origin_of_invariance,
        augmentation,
        position_bias,
    ),
)
