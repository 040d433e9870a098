import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields.initials import initials_of
from engine.query.tokens import holds, initial_tokens, normal, query_of, tokens_of


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("华", "北京华信科技"),
        ("华信", "北京华信科技"),
        ("华信科", "北京华信科技"),
        ("信科技", "北京华信科技"),
        ("138", "13812345678"),
        ("138123456", "13812345678"),
        ("13812345678", "13812345678"),
        ("5678", "13812345678"),
        ("45678", "13812345678"),
        ("12345678", "13812345678"),
        ("heddle", "Heddle Ltd."),
        ("ＨＥＤ", "heddle"),
        ("ltd hed", "Heddle Ltd."),
        ("sz300", "SZ300750"),
        ("300750", "SZ300750"),
        ("公司a", "公司ABC"),
        ("bk-2026-0012", "BK-2026-00123"),
        ("straße", "STRASSE 5"),
        ("ソフト", "ソフトウェア"),
        ("𠮷野", "𠮷野家"),
        ("alyc", "阿里云创"),
        ("YC", "阿里云创"),
        ("a", "阿里云创"),
        ("hxkj", "北京华信科技"),
        ("bjhxkjyxgs", "北京华信科技有限公司"),
        ("tclkj", "TCL（科技）"),
        ("cqyh", "重庆银行"),
        ("zqyx", "重庆银行"),
        ("sxx", "单雄信"),
        ("华信 kj", "北京华信科技"),
    ],
)
def test_is_found(typed: str, text: str) -> None:
    assert _finds(typed, text)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("华科", "北京华信科技"),
        ("信北", "北京华信"),
        ("科技北", "北京科技 北京"),
        ("138 999", "13812345678"),
        ("heddle x", "Heddle Ltd."),
        ("138★", "13812345678"),
        ("y", "阿里云创"),
        ("hxjk", "北京华信科技"),
        ("bjkj", "北京华信科技"),
        ("hxkj有", "北京华信科技有限公司"),
        ("jlt", "Ben Jolt"),
    ],
)
def test_is_not_found(typed: str, text: str) -> None:
    assert not _finds(typed, text)


@pytest.mark.parametrize("typed", ["", "  ", "★", "--", "\0"])
def test_nothing_to_look_up_has_no_groups(typed: str) -> None:
    assert query_of(typed).groups == ()


CJK = st.text("北京华信科技有限公司", min_size=1, max_size=12)


@given(CJK, st.data())
def test_every_piece_of_a_chinese_name_finds_it(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    assert _finds(name[start:end], name)


@given(st.text(max_size=40), st.text(max_size=40))
def test_tokens_are_safe_to_store_and_to_ask(typed: str, text: str) -> None:
    for token in tokens_of([normal(text)]):
        assert token
        assert not set(token) & set(' "\ue000\0')
    for group in query_of(typed).groups:
        assert group
        assert all(not set(token) & set(' "\ue000\0') for token in group)


@given(st.text(min_size=1, max_size=40))
def test_a_whole_text_finds_itself(text: str) -> None:
    if query_of(text).groups:
        assert _finds(text, text)


def test_a_long_query_stays_small() -> None:
    query = query_of("北京华信科技有限公司" * 100)
    assert len(query.groups) <= 16


def _finds(typed: str, text: str) -> bool:
    """Do what the index and the check after it do together."""
    query, texts = query_of(typed), [normal(text)]
    tokens = tokens_of(texts)
    if forms := initials_of(texts[0]):
        texts.append(forms)
        tokens += initial_tokens(forms)
    candidate = bool(query.groups) and all(
        any(token in tokens for token in group) for group in query.groups
    )
    return candidate and holds(query, texts)
