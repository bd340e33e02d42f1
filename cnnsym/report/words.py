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
        "refuted as expected": "refuted, as expected",
        "not sound": "not sound",
        "why proved": "for {scope}, by {method}",
        "statement": "Statement",
        "conditions": "Conditions",
        "assumed": "assumed: {}",
        "derivation": "Derivation",
        "near misses": "Near misses, which must be refuted",
        "numeric": "Numeric checks",
        "erratum": "Erratum",
        "printed": "as printed:   {}",
        "corrected": "as corrected: {}",
        "source": "source: {}",
        "section": "section {}",
        "pages": "on the page: {}",
        "by": "by {}",
        "shapes": "the shapes cannot be combined",
        "measured": "{what}, {shape} {dtype}, seed {seed}: error {error:.2g}, tolerance {tolerance:.2g}",
        "links": "equalities",
        "steps": "steps",
        "misses": "near misses",
        "numbers": "numeric checks",
        "counted": "claims: {claims}; equalities: {equalities} ({verdicts})",
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
        "refuted as expected": "已否证（正如所料）",
        "not sound": "不可靠",
        "why proved": "适用于{scope}，方法：{method}",
        "statement": "命题",
        "conditions": "条件",
        "assumed": "假设：{}",
        "derivation": "推导",
        "near misses": "近似的错误命题（都必须被否证）",
        "numeric": "数值检验",
        "erratum": "勘误",
        "printed": "原文：{}",
        "corrected": "更正：{}",
        "source": "出处：{}",
        "section": "第 {} 节",
        "pages": "所在页面：{}",
        "by": "依据：{}",
        "shapes": "形状不能相配",
        "measured": "{what}，{shape} {dtype}，种子 {seed}：误差 {error:.2g}，容许 {tolerance:.2g}",
        "links": "等式",
        "steps": "步骤",
        "misses": "近似的错误命题",
        "numbers": "数值检验",
        "counted": "命题：{claims}；等式：{equalities}（{verdicts}）",
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
}


def said(text: str, lang: str) -> str:
    """A scope or a method of the prover in the language."""
    return _SAID.get(text, text) if lang == "zh" else text


def why(verdict: Verdict, lang: str) -> str:
    """What stands behind a verdict, in one line."""
    if isinstance(verdict, Refuted):
        return verdict.why or str(verdict.counterexample)
    if verdict.name == "unknown":
        return verdict.reason
    return WORDS[lang]["why proved"].format(scope=said(verdict.scope, lang), method=said(verdict.method, lang))
