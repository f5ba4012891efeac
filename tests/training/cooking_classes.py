"""What customers ask of a topic that the demonstration shop's intents lack: cooking classes in its stores."""

from knowledge_base.entry import EntryVariant, FAQEntry

EN = """
do you run cooking classes in your stores?
can I sign up for a baking class
are there any classes where you show how to use the air fryer for cooking
how do I book a place in a cooking class
how much is the barista class
is the sourdough class still open for booking
do you teach people how to cook with the machines you sell
when is the next pasta class
cooking class for two, is that possible on a Saturday?
can kids join the baking class
I'd like to give a cooking class as a present, do you do that
what do I bring to the knife skills class
is there a vegetarian cooking class
do your stores hold cooking evenings
cooking lessons near me?
can I still cancel my place in the cooking class
the latte art class, how long does it take
do members pay less for the cooking classes
is there a waiting list for the bread baking class
are the cooking classes in english
can a group of ten book a private cooking class
do you have a class for beginners in the kitchen
is food included in the cooking class
which store has the baking classes
hi, want to join a cooking course at your shop
is there a pizza making class this month
do I need to pay for the cooking class in advance
can I bring a friend along to the baking class
what time does the evening cooking class start
do you offer a class on how to make good coffee
is there an age limit for the cooking lessons
could my company book a cooking class for the team
"""
ZH = """
你们门店有烹饪课吗
怎么报名烘焙课
有没有教用空气炸锅做菜的课程
烹饪课怎么预约
咖啡拉花课多少钱一节
面包课还能报名吗
你们教做菜吗，就是用你们卖的那些锅
下一期做意面的课什么时候开
周六的烹饪课两个人能一起上吗
小朋友可以参加烘焙课吗
想送朋友一节烹饪课当礼物，可以吗
上刀工课要自己带刀吗
有素食烹饪课吗
门店晚上有没有烹饪体验活动
附近有烹饪课可以上吗
报了烹饪课临时去不了能取消吗
拉花课一节上多久
会员上烹饪课有优惠吗
做面包的课满了，能排队等位吗
烹饪课是中文讲的吗
十个人想包场上一节烹饪课行吗
有零基础的厨艺课吗
烹饪课的食材费包含在内吗
哪家门店开烘焙课
想上你们店里的厨艺课
这个月有做披萨的课吗
烹饪课要提前付款吗
烘焙课能带一个朋友一起来吗
晚上的烹饪课几点开始
有没有教怎么做好咖啡的课
厨艺课有年龄限制吗
公司团建能订一场烹饪课吗
"""
HELD_OUT = 8  # of each language: asked when it is learned

ASKED, ASKED_LATER = (
    [text for language in (EN, ZH) for text in language.strip().splitlines()[part]] for part in (slice(-HELD_OUT), slice(-HELD_OUT, None))
)
ENTRY = FAQEntry(
    "cooking-class",
    {
        "en": EntryVariant(
            "en",
            ("Do you offer cooking classes?", "How do I book a cooking or baking class?"),
            "Our stores hold cooking and baking classes every Saturday. A place costs 35 USD with all ingredients; "
            "book it in the app under *Classes*.",
        ),
        "zh": EntryVariant(
            "zh",
            ("你们有烹饪课吗？", "怎么报名烹饪课或烘焙课？"),
            "我们的门店每周六开设烹饪课和烘焙课，每位 35 美元，食材全包；请在 App 的“课程”里预约。",
        ),
    },
    category="service",
)
