"""What stands on the demonstration portal, in English and Chinese."""

TEXTS: dict[str, dict[str, str]] = {
    "shop": {"en": "Northlight", "zh": "北光商城"},
    "home": {"en": "Shop", "zh": "商店"},
    "orders": {"en": "My orders", "zh": "我的订单"},
    "home_title": {"en": "Things that work on the road", "zh": "路上好用的东西"},
    "home_text": {
        "en": "This is a demonstration portal on an origin of its own. The button below on the right opens Frontdesk, which one script tag "
        "brought here.",
        "zh": "这是运行在独立来源上的演示门户。右下角的按钮会打开 Frontdesk，只需一个 script 标签即可嵌入。",
    },
    "orders_title": {"en": "My orders", "zh": "我的订单"},
    "orders_text": {
        "en": "There are no orders yet. The conversation that you began on the other page goes on here.",
        "zh": "暂无订单。您在另一个页面开始的对话会在这里继续。",
    },
    "name": {"en": "Name", "zh": "姓名"},
    "sign_in": {"en": "Sign in", "zh": "登录"},
    "sign_out": {"en": "Sign out", "zh": "退出"},
    "signed_in": {"en": "Signed in as", "zh": "已登录："},
}
