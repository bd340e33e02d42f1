"""The words of the reports in the two languages of the site."""

from __future__ import annotations

from cnnsym.verdict import Refuted, Verdict

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "proved": "proved",
        "refuted": "refuted",
        "unknown": "unknown",
        "skipped": "skipped",
        "error": "error",
        "measured": "measured",
        "refuted as expected": "refuted, as expected",
        "not sound": "not sound",
        "why proved": "for {scope}, by {method}",
        "false there": "false for {}",
        "statement": "Statement",
        "conditions": "Conditions",
        "assumed": "assumed: {}",
        "derivation": "Derivation",
        "near misses": "Near misses, which must be refuted",
        "numeric": "Numeric checks",
        "erratum": "Erratum",
        "wrong": "what is printed is wrong",
        "unclear": "what is printed is unclear or misprinted",
        "printed": "as printed:   {}",
        "corrected": "as corrected: {}",
        "source": "source: {}",
        "section": "section {}",
        "pages": "on the page: {}",
        "by": "by {}",
        "shapes": "the shapes cannot be combined",
        "measurement": "{what}, {shape} {dtype}, seed {seed}: error {error:.2g}, tolerance {tolerance:.2g}",
        "experiment": "experiment",
        "no proof": "numbers from an experiment, which prove nothing",
        "the note says": "The note says",
        "setup": "What was done",
        "data": "Data",
        "numbers of": "{metric}: mean ± standard deviation over {seeds} seeds",
        "finding": "What the numbers support",
        "repeat": "To repeat it",
        "seeds used": "seeds: {}",
        "conditions of": "conditions",
        "metrics": "metrics",
        "seeds": "seeds",
        "links": "equalities",
        "steps": "steps",
        "misses": "near misses",
        "numbers": "numeric checks",
        "counted": "claims: {claims}{cached}; equalities: {equalities} ({verdicts})",
        "cached": "(cached)",
        "cached of": " ({} cached)",
        "experiments of": "; experiments: {} ({})",
        "in": "{:.1f} s",
        "not ok": "{} not as they should be",
        "all ok": "all as they should be",
    },
    "zh": {
        "proved": "已证明",
        "refuted": "已否证",
        "unknown": "未判定",
        "skipped": "已跳过",
        "error": "有错误",
        "measured": "实测",
        "refuted as expected": "已否证（正如所料）",
        "not sound": "不可靠",
        "why proved": "适用于{scope}，方法：{method}",
        "false there": "不成立，例如 {}",
        "statement": "命题",
        "conditions": "条件",
        "assumed": "假设：{}",
        "derivation": "推导",
        "near misses": "近似的错误命题（都必须被否证）",
        "numeric": "数值检验",
        "erratum": "勘误",
        "wrong": "原文错误",
        "unclear": "原文不清楚或有误印",
        "printed": "原文：{}",
        "corrected": "更正：{}",
        "source": "出处：{}",
        "section": "第 {} 节",
        "pages": "所在页面：{}",
        "by": "依据：{}",
        "shapes": "形状不能相配",
        "measurement": "{what}，{shape} {dtype}，种子 {seed}：误差 {error:.2g}，容许 {tolerance:.2g}",
        "experiment": "实验",
        "no proof": "这是实验得到的数字，不是证明",
        "the note says": "讲义的说法",
        "setup": "做法",
        "data": "数据",
        "numbers of": "{metric}：{seeds} 个种子的均值 ± 标准差",
        "finding": "这些数字支持什么",
        "repeat": "如何重做",
        "seeds used": "种子：{}",
        "conditions of": "条件",
        "metrics": "指标",
        "seeds": "种子",
        "links": "等式",
        "steps": "步骤",
        "misses": "近似的错误命题",
        "numbers": "数值检验",
        "counted": "命题：{claims}{cached}；等式：{equalities}（{verdicts}）",
        "cached": "（缓存）",
        "cached of": "（其中 {} 个取自缓存）",
        "experiments of": "；实验：{}（{}）",
        "in": "{:.1f} 秒",
        "not ok": "{} 个不合要求",
        "all ok": "全部合乎要求",
    },
}

# What the prover says of a proof, in Chinese; anything else is shown as it is.
_SAID = {
    "all sizes": "所有尺寸",
    "index form": "指标形式",
    "exact evaluation": "精确求值",
    "all integers": "所有整数",
    "Euler's formula": "欧拉公式",
    "telescoping": "裂项求和",
    "telescoping and parity, case by case": "分情形裂项求和与奇偶性",
    "shapes": "形状",
    "affine form": "仿射形式",
    "Z3": "Z3",
    "instances and Z3": "代入实例与 Z3",
    "comparison of sums term by term and Z3": "逐项比较求和与 Z3",
    "all integers, reals and signals": "所有整数、实数与信号",
    "all sizes, reals and signals": "所有尺寸、实数与信号",
    "all values of the parameters": "参数的所有取值",
    "degrees and leading coefficients": "次数与首项系数",
    "a squeeze between powers of the largest": "用最大项的幂夹逼",
    "none": "无",
}


def said(text: str, lang: str) -> str:
    """A scope or a method of the prover in the language."""
    return _SAID.get(text, text) if lang == "zh" else text


def why(verdict: Verdict, lang: str) -> str:
    """What stands behind a verdict, in one line."""
    if isinstance(verdict, Refuted):
        found = verdict.counterexample
        if (
            found is not None and found.rhs == "true" and not verdict.why
        ):  # a statement that is true or false, not two sides
            return WORDS[lang]["false there"].format(str(found).partition(": left side ")[0])
        return verdict.why or str(found)
    if verdict.name == "unknown":
        return verdict.reason
    return WORDS[lang]["why proved"].format(scope=said(verdict.scope, lang), method=said(verdict.method, lang))
