"""Chinese."""

from __future__ import annotations

from tests.evaluation.phrases.language import Language, Topic

LANGUAGE = Language(
    code="zh",
    topics=(
        Topic(
            file="src/views/order/list.vue",
            task="订单列表 list.vue 里的金额要保留两位小数并且右对齐",
            symptoms=(
                "金额那一列还是靠左的，显示 12.5",
                "现在右对齐了，但是 1000 显示成 1000.0",
                "合计那一行没有小数",
                "手机上看金额换成两行了",
                "退款的金额显示 NaN",
            ),
            expected=(
                "12.5 要显示成 12.50，靠右，包括合计行",
                "所有金额统一两位小数，退款前面带负号",
            ),
            again=(
                "list.vue 订单列表的金额要右对齐并且保留两位小数",
                "订单列表 list.vue 里的金额要保留2位小数并且右对其",
            ),
            error=(
                "TypeError: row.amount.toFixed is not a function\n    at formatAmount "
                "(src/views/order/list.vue:86:30)\n"
                "    at renderCell (src/views/order/list.vue:120:12)"
            ),
            series=(
                "接下来给 list.vue 加一个按日期筛选",
                "然后加导出 Excel 的按钮",
                "最后把分页大小记住",
            ),
            refine=(
                "补充一下，日元订单不要小数，币种字段是 currency",
                "财务说超过一万的要加千分位，其他的不用",
            ),
            variations=(
                "金额换成蓝色看看效果",
                "还是深灰色吧，再加粗一点",
                "字号小一号试试",
            ),
            praise="很好，就是这样。再把小数位数做成可以配置的",
        ),
        Topic(
            file="server/auth/token.py",
            task="token.py 里登录十分钟就过期，改成有操作就自动续期",
            symptoms=(
                "刚才一直在点页面，十分钟一到又跳到登录页了",
                "续期接口调了，返回的过期时间还是原来的",
                "登录之后马上就跳回登录页，循环",
                "开两个标签页，第二个十分钟还是会掉",
                "现在一直不过期，放了一晚上还在线",
            ),
            expected=(
                "只要十分钟内有请求，过期时间就往后推三十分钟",
                "没有操作才过期，有操作就不应该掉线，多个标签页也一样",
            ),
            again=(
                "登录十分钟就过期，token.py 要改成有操作自动续期",
                "把 token.py 的登录过期改成有操作就自动续期，现在十分钟就过期了",
            ),
            error=(
                'Traceback (most recent call last):\n  File "server/auth/token.py", line 64, in '
                "renew\n"
                "jwt.exceptions.ExpiredSignatureError: Signature has expired"
            ),
            series=(
                "下一步在 token.py 里加上踢下线功能",
                "再加一个登录日志",
                "还要支持同一账号最多三台设备",
            ),
            refine=(
                "另外管理员账号按安全规定只能十五分钟",
                "大屏展示那台机器不要过期，它的角色是 screen",
            ),
            variations=(
                "过期提示改成右上角弹出来看看",
                "放到顶部做成一条横幅呢",
                "倒计时用大一点的数字",
            ),
            praise="可以了，挂了一小时都没掉。把三十分钟改成从环境变量读",
        ),
        Topic(
            file="addons/sale/report.xml",
            task="report.xml 的销售报表表头要每页重复显示",
            symptoms=(
                "打印出来第二页没有表头",
                "第二页有表头了，但是盖住了第一行数据",
                "最后一页多出一个空表头",
                "导出 PDF 可以，浏览器打印还是只有第一页有",
                "表头重复了两次叠在一起",
            ),
            expected=(
                "每一页最上面都要有表头，下面接着数据，不能重叠",
                "三页的报表就应该看到三次表头",
            ),
            again=(
                "销售报表 report.xml 每一页都要重复显示表头",
                "report.xml 的销售报表表头需要在每页都重复显示出来",
            ),
            error=(
                "odoo.tools.convert.ParseError: while parsing report.xml:27\n"
                "lxml.etree.XMLSyntaxError: Opening and ending tag mismatch: thead line 19 and "
                "table"
            ),
            series=(
                "接着在 report.xml 加页码",
                "然后加公司的 logo",
                "再加一个按业务员的小计",
            ),
            refine=(
                "对了，横向打印的时候列宽要按比例放大",
                "英文版的表头文字不一样，在翻译文件里",
            ),
            variations=(
                "表头底色换浅一点的看看",
                "要不用细线边框",
                "字体改成黑体试试",
            ),
            praise="完美，正是我要的效果。表头高度再小一点就更好了",
        ),
    ),
    complaints=(
        "不对",
        "还是不行",
        "这不是我要的",
        "又错了，重新来一次",
        "一点变化都没有",
        "改得更糟了",
        "你改错地方了",
        "问题依旧，请仔细看看",
    ),
    control=("好的", "继续", "可以，开始吧", "选2"),
    chores=("跑一下测试", "提交代码", "推上去", "重启一下服务"),
    questions=(
        "用户的时区存在哪里？",
        "为什么有两张客户表？",
        "这个不做数据迁移能实现吗？",
    ),
    thanks=("好了，谢谢", "搞定，非常感谢", "现在正常了，不错"),
    reviews=(
        "评审意见：把第四十行的常量提出来",
        "第二轮评审：辅助函数改个名字，注释里有错别字",
        "最后一条评审意见：这里用统一的日期格式",
    ),
    template="把 {x} 里的文案翻译一下，结构跟其他语言文件保持一致",
    wordings=(
        "列出所有手动解析日期的地方",
        "查一下代码里哪些位置是自己手写解析日期字符串的",
        "代码中没有用公共函数而是自己处理日期的地方都找出来列个清单",
    ),
    job="检查夜间导入日志并汇总失败的行",
)
