"""Words that sample data is made of, and how they are put together.

Whatever must differ from record to record (names, numbers, addresses) follows from
``SampleWorld.row`` alone, so that a second run with another seed may still meet a unique rule.
"""

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.fields.base import SampleWorld
from metadata.model import FieldDef


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CITIES = _words(
    """
    北京 上海 广州 深圳 杭州 南京 苏州 成都 重庆 武汉 西安 天津 青岛 宁波 厦门 长沙 郑州 合肥
    济南 福州 无锡 佛山 东莞 大连 沈阳 昆明 南昌 石家庄 太原 长春 哈尔滨 贵阳 南宁 常州 温州
    嘉兴 绍兴 烟台 泉州 珠海
    """
)
FIRST = _words(
    """
    华 天 云 海 金 东 中 博 新 恒 明 远 瑞 盛 宏 立 安 嘉 德 智 星 蓝 百 万 宝 启 凯 泰 永 卓
    """
)
SECOND = _words(
    """
    信 达 源 创 通 诚 拓 科 联 丰 和 元 睿 航 宇 康 润 辰 川 美 祥 盈 岳 景 腾 跃 尚 朗 凌 晟
    """
)
TRADES = _words(
    """
    科技 信息技术 软件 网络科技 智能装备 电子 自动化 新材料 生物科技 医疗器械 环保科技 新能源
    建筑工程 建材 机械制造 汽车零部件 物流 供应链管理 食品 农业发展 纺织 服饰 家居 文化传媒
    广告 教育科技 咨询 人力资源 酒店管理 旅游 餐饮管理 贸易 进出口 包装 印刷 化工 五金 照明
    仪器仪表 光电
    """
)
LATIN_FIRST = _words(
    """
    hua tian yun hai jin dong bo xin heng ming yuan rui sheng hong li an jia de zhi xing
    """
)
LATIN_SECOND = _words(
    """
    da chuang tong cheng tuo ke lian feng he yu kang run chen chuan mei xiang ying teng
    """
)

SURNAMES = _words(
    """
    王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 高 罗 郑 梁 谢 宋 唐 许 韩 邓 冯 曹
    彭 曾 肖 田 董 袁 潘 于 蒋 蔡 余 杜 叶 程 苏 魏 吕 丁 任 沈 姚 卢 姜 崔 钟 谭 陆 汪 范 石
    欧阳 司马 上官
    """
)
GIVEN = _words(
    """
    伟 芳 娜 敏 静 磊 军 洋 勇 艳 杰 娟 涛 明 超 霞 平 刚 桂英 晓燕 志远 建国 雨桐 子轩 思源
    文博 佳怡 浩然 梦洁 俊杰 丽华 建军 海燕 志强 秀兰 晨曦 宇航 欣怡 天佑 婉清 立新 国强 雪梅
    春燕 家豪 若曦 一鸣 嘉宁 明哲 书瑶 景行 安然
    """
)
POSITIONS = _words(
    """
    总经理 副总经理 采购经理 采购主管 技术总监 信息部经理 运营经理 市场经理 财务经理 人事经理
    生产厂长 项目经理 行政主管 研发工程师 设备主管 质量经理 仓储主管 总经理助理 业务员 会计
    """
)
STREETS = _words(
    """
    人民路 中山路 解放路 建设路 文化路 和平路 新华路 长江路 黄河路 科技路 创业大道 迎宾大道
    学院路 滨河路 朝阳路 光明路 工业路 高新大道 软件园路 望江路 环城西路 文一路 天府大道
    体育西路
    """
)
GOODS_USE = _words("办公 工业 车间 仓储 门店 会议 教学 家用 户外 实验 车载 便携")
GOODS_KIND = _words(
    """
    打印机 显示器 扫码枪 路由器 传感器 控制器 空气净化器 投影仪 货架 工作台 叉车 电池组 摄像机
    交换机 温控器 服务器
    """
)
BOOK_SUBJECTS = _words(
    """
    江南 长安 星空 深海 山谷 旧书店 四季 远方 故乡 茶馆 老城 雪原 灯塔 候鸟 河流 麦田 时间
    群山
    """
)
BOOK_FORMS = _words(
    """
    {}往事 {}漫步 重返{} {}来信 {}的秘密 {}手记 写给{} 在{}醒来 {}小史 {}与我
    """
)
TAGS = ("重点", "老朋友", "外地", "急", "长期", "待确认", "推荐", "样板")
SENTENCES = (
    "电话里聊了二十分钟,对方希望先看一份方案。",
    "本周内发送报价和样品清单。",
    "对交货时间有要求,最迟下月中旬。",
    "上次拜访由技术负责人接待,印象不错。",
    "需要支持两种语言的操作界面。",
    "预算已经上报,等待总部批复。",
    "希望先在一个门店试用,再推广到全国。",
    "对售后响应时间比较关心。",
    "资料已经寄出,注意查收。",
    "下次见面请带上演示设备。",
    "付款方式倾向于分期。",
    "关注数据安全,需要说明存放地点。",
    "仓库搬迁完成后再安排安装。",
    "展会上认识,互留了名片。",
    "现有系统明年到期,正在比较几家。",
    "请安排一次线上演示,参加的大约有五个人。",
)
TITLES = _words(
    """
    年度采购 设备更新 系统升级 办公室装修 仓库改造 门店扩建 培训服务 维护服务 样机试用
    展厅建设 网络改造 数据迁移
    """
)
MOBILE_PREFIXES = _words(
    """
    135 136 137 138 139 150 151 152 158 159 182 183 187 188 130 131 186 133 189 177
    """
)
AREA_CODES = _words(
    """
    010 021 020 0755 0571 025 0512 028 023 027 029 022 0532 0574 0731 0371 0551 0531
    """
)

_STEP = 7_368_787  # shares no divisor with a power of ten: numbers differ for 10^8 rows


def text(world: SampleWorld, hint: str) -> str:
    """Give one line of text as ``hint`` says; a short phrase when it says nothing known."""
    return TEXTS.get(hint, title)(world)


def company_name(world: SampleWorld) -> str:
    """Give the name of a company; no two rows have the same."""
    city, first, second, trade = _spread(
        world.row, len(CITIES), len(FIRST), len(SECOND), len(TRADES)
    )
    return f"{CITIES[city]}{FIRST[first]}{SECOND[second]}{TRADES[trade]}有限公司"


def person_name(world: SampleWorld) -> str:
    """Give the name of a person."""
    return world.random.choice(SURNAMES) + world.random.choice(GIVEN)


def job_title(world: SampleWorld) -> str:
    """Give what somebody does in a company."""
    return world.random.choice(POSITIONS)


def street(world: SampleWorld) -> str:
    """Give a street with a house number."""
    number = world.random.randint(1, 999)
    rooms = f"{world.random.randint(1, 20)}幢{world.random.randint(101, 2809)}室"
    return f"{world.random.choice(STREETS)}{number}号{world.random.choice(('', rooms))}"


def product_name(world: SampleWorld) -> str:
    """Give the name of something that is sold; no two rows have the same."""
    use, kind, series = _spread(world.row, len(GOODS_USE), len(GOODS_KIND), 26)
    model = f"{chr(ord('A') + series)}{100 + world.row % 900}"
    return f"{GOODS_USE[use]}{GOODS_KIND[kind]} {model}"


def code(world: SampleWorld) -> str:
    """Give a short code; no two rows have the same."""
    return f"{chr(ord('A') + world.row % 26)}-{world.row + 1:06d}"


def book_title(world: SampleWorld) -> str:
    """Give the title of a book."""
    subject, form = _spread(world.row, len(BOOK_SUBJECTS), len(BOOK_FORMS))
    volume = world.row // (len(BOOK_SUBJECTS) * len(BOOK_FORMS))
    name = BOOK_FORMS[form].format(BOOK_SUBJECTS[subject])
    return f"{name} {volume + 1}" if volume else name


def title(world: SampleWorld) -> str:
    """Give a short name of an undertaking."""
    return world.random.choice(TITLES)


def sentence(world: SampleWorld) -> str:
    """Give one sentence of a note."""
    return world.random.choice(SENTENCES)


def sentences(world: SampleWorld) -> str:
    """Give a note of a sentence or a few."""
    return "\n".join(world.random.sample(SENTENCES, world.random.randint(1, 3)))


def mobile(world: SampleWorld) -> str:
    """Give a mobile number; no two rows have the same."""
    return world.random.choice(MOBILE_PREFIXES) + f"{world.row * _STEP % 10**8:08d}"


def telephone(world: SampleWorld) -> str:
    """Give a landline number."""
    area = world.random.choice(AREA_CODES)
    return f"{area}-{world.random.randint(5, 7)}{world.random.randint(0, 9_999_999):07d}"


def email(world: SampleWorld) -> str:
    """Give an e-mail address; no two rows have the same."""
    name = f"{world.random.choice(LATIN_FIRST)}.{world.random.choice(LATIN_SECOND)}"
    return f"{name}{world.row + 1}@example.com"


def website(world: SampleWorld) -> str:
    """Give the address of a company's site, in a domain that nobody can own."""
    first, second = _spread(world.row, len(LATIN_FIRST), len(LATIN_SECOND))
    return f"https://www.{LATIN_FIRST[first]}{LATIN_SECOND[second]}.example"


def amount(world: SampleWorld, field: FieldDef, scale: int) -> str:
    """Give an amount as ``{amount: {min, max}}`` says: small ones more often, mostly round."""
    hint = field.sample.get("amount", {}) if isinstance(field.sample, Mapping) else {}
    least = _number(hint, field, "min", "0")
    most = max(least, _number(hint, field, "max", str(max(least * 10, Decimal(1000)))))
    low, high = float(max(least, Decimal(1))), float(max(most, Decimal(1)))
    value = Decimal(f"{math.exp(world.random.uniform(math.log(low), math.log(high))):.0f}")
    digits = max(0, len(str(value)) - 2)
    rounded = Decimal(int(value) // 10**digits * 10**digits)
    return f"{min(max(rounded, least), most):.{scale}f}"


def _number(hint: Mapping[str, Any], field: FieldDef, word: str, otherwise: str) -> Decimal:
    return Decimal(str(hint.get(word, field.props.get(word, otherwise))))


def _spread(row: int, *sizes: int) -> tuple[int, ...]:
    """Give one position per list so that every row up to their product has its own."""
    total = math.prod(sizes)
    step = next(prime for prime in (7919, 7901, 7883) if total % prime)
    rest = row * step % total
    places = []
    for size in sizes:
        rest, place = divmod(rest, size)
        places.append(place)
    return tuple(places)


TEXTS: Mapping[str, Callable[[SampleWorld], str]] = {
    "company_name": company_name,
    "person_name": person_name,
    "job_title": job_title,
    "street": street,
    "product_name": product_name,
    "code": code,
    "book_title": book_title,
    "sentence": sentence,
    "title": title,
    "mobile": mobile,
    "telephone": telephone,
}
