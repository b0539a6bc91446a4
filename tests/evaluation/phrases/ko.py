"""Korean."""

from __future__ import annotations

from tests.evaluation.phrases.language import Language, Topic

LANGUAGE = Language(
    code="ko",
    topics=(
        Topic(
            file="src/cart/coupon.kt",
            task="coupon.kt에서 쿠폰이 배송비에도 적용되는데 상품 금액에만 적용되게 해줘",
            symptoms=(
                "3만원짜리에 10% 쿠폰 썼더니 배송비까지 빠져서 29,700원이 나와",
                "이제 쿠폰이 아예 적용이 안 돼",
                "쿠폰 두 장 쓰면 두 번째 건 배송비에서 빠지네",
                "결제 화면 금액이랑 주문 내역 금액이 300원 차이 나",
                "부분 취소하면 배송비가 마이너스로 떠",
            ),
            expected=(
                "상품 3만원에 10%면 27,000원이고 거기에 배송비 3,000원 더해서 30,000원이 나와야 해",
                "배송비는 항상 그대로, 할인은 상품 합계에서만",
            ),
            again=(
                "쿠폰이 배송비에도 적용되는데 coupon.kt에서 상품 금액에만 적용되게 해줘",
                "coupon.kt 쿠폰이 배송비에도 적용되고있어 상품 금액에만 적용되도록 해줘",
            ),
            error=(
                "java.lang.ArithmeticException: Rounding necessary\n"
                "\tat java.math.BigDecimal.setScale(BigDecimal.java:2913)\n\tat "
                "cart.CouponKt.apply(coupon.kt:47)"
            ),
            series=(
                "다음은 coupon.kt에 유효기간 검사 넣어줘",
                "그다음에 중복 사용 방지도 추가하자",
                "마지막으로 쿠폰 사용 이력도 남겨줘",
            ),
            refine=(
                "참고로 제주 지역은 추가 배송비가 따로 있어서 그건 제외야",
                "임직원 쿠폰은 배송비까지 무료라고 인사팀에서 알려줬어, type이 EMP야",
            ),
            variations=(
                "할인 금액을 빨간색으로 보여줘 볼래",
                "주황색이 더 나을 것 같기도 하고, 그걸로",
                "글자 크기는 조금 줄여보자",
            ),
            praise="좋아 금액 딱 맞네. 최대 할인 금액도 설정으로 뺄 수 있게 해줘",
        ),
        Topic(
            file="app/api/search.ts",
            task="search.ts 검색이 띄어쓰기 다르면 결과가 안 나오는데 띄어쓰기 무시하고 찾게 해줘",
            symptoms=(
                "'무선 마우스'는 30개 나오는데 '무선마우스'는 0개야",
                "결과는 나오는데 같은 상품이 두 번씩 보여",
                "영문 섞어서 'USB 허브' 치면 0개 나와",
                "검색이 5초나 걸려",
                "앞에 공백 넣으면 500 에러 떠",
            ),
            expected=(
                "'무선마우스'랑 '무선 마우스' 둘 다 같은 30개가 나와야 해",
                "공백이 몇 개든 어디 있든 결과는 똑같아야 함",
            ),
            again=(
                (
                    "띄어쓰기가 달라도 검색되게 search.ts 고쳐줘, 지금은 띄어쓰기 다르면 결과가 "
                    "안 나와"
                ),
                "search.ts 검색이 띄어쓰기 다르면 결과 안나오는데 띄어쓰기 무시하고 찾게 해줘",
            ),
            error=(
                "PrismaClientKnownRequestError: Invalid `prisma.product.findMany()` invocation\n"
                "    at search (app/api/search.ts:38:27)\nRaw query failed. Code: `42883`"
            ),
            series=(
                "이제 search.ts에 자동완성 붙여줘",
                "그리고 나서 인기 검색어 집계도 하자",
                "정렬 옵션도 추가해줘, 가격순이랑 최신순",
            ),
            refine=(
                "브랜드명은 띄어쓰기 그대로 유지해야 해, brand 테이블에 있어",
                "도매 회원은 단종 상품도 보여야 한다고 하네",
            ),
            variations=(
                "검색어 하이라이트를 노란색 배경으로 해볼까",
                "굵은 글씨만 하는 것도 한번 보여줘",
                "결과 개수는 위쪽에 두자",
            ),
            praise="오 잘 나온다 고마워. 오타 한 글자 정도는 허용되게도 해줘",
        ),
        Topic(
            file="web/src/Chart.vue",
            task="Chart.vue 그래프가 데이터 없는 날은 빠지는데 0으로 표시되게 해줘",
            symptoms=(
                "3일 데이터가 없으니까 2일 다음에 바로 4일이 나와",
                "지금은 전부 0으로 나오네",
                "선이 2일에서 4일로 바로 이어져 있어",
                "월 단위로 바꾸면 화면이 하얘져",
                "툴팁에 undefined라고 떠",
            ),
            expected=(
                "1일부터 말일까지 축에 다 있고 없는 날은 0에 점이 찍혀야 해",
                "빈 날도 0으로 내려갔다가 올라와야 정상이지",
            ),
            again=(
                "데이터 없는 날도 0으로 표시되게 Chart.vue 수정해줘, 지금은 그래프에서 빠져",
                "Chart.vue 그래프에서 데이타 없는 날이 빠지는데 0으로 표시 되게 해줘",
            ),
            error=(
                "TypeError: Cannot read properties of undefined (reading 'value')\n    at "
                "Chart.vue:66:31\n"
                "    at Array.map (<anonymous>)"
            ),
            series=(
                "다음 작업은 Chart.vue에 전년 비교선 추가야",
                "그 뒤에 이미지 저장 버튼 넣어줘",
                "지점별 필터도 필요해",
            ),
            refine=(
                "신규 매장은 오픈한 날부터만 그려줘, opened_at 있어",
                "공휴일은 배경을 회색으로, 휴일 목록은 api에 있음",
            ),
            variations=(
                "막대로 바꾸면 어떤지 보자",
                "막대는 별로네, 영역 차트로 해봐",
                "색은 좀 더 연하게",
            ),
            praise="완벽해. 점 위에 값도 같이 보여주면 좋겠어",
        ),
    ),
    complaints=(
        "아니 그게 아니야",
        "여전히 안 돼",
        "내가 말한 거랑 달라",
        "또 틀렸어",
        "하나도 안 바뀌었는데",
        "오히려 더 이상해졌어",
        "엉뚱한 데를 고쳤잖아",
        "아직도 고장이야 제대로 봐줘",
    ),
    control=("응", "계속해", "그래 진행해", "2번"),
    chores=("테스트 돌려줘", "커밋해줘", "푸시해", "서버 재시작해줘"),
    questions=(
        "사용자 시간대는 어디에 저장돼?",
        "고객 테이블이 왜 두 개야?",
        "마이그레이션 없이도 가능해?",
    ),
    thanks=("좋아 고마워", "됐다, 고마워!", "이제 잘 되네 굿"),
    reviews=(
        "리뷰 의견: 40번째 줄 상수 분리해달래",
        "2차 리뷰: 보조 함수 이름 바꾸고 주석 오타 수정",
        "마지막 리뷰 코멘트: 공통 날짜 포맷 사용",
    ),
    template="{x} 문구 번역해줘, 다른 언어 파일이랑 같은 구조로",
    wordings=(
        "날짜를 직접 파싱하는 곳 전부 나열해줘",
        "코드에서 날짜 문자열을 손으로 처리하는 데를 찾아줘",
        "공통 함수 안 쓰고 날짜 다루는 위치를 목록으로 정리해줘",
    ),
    job="야간 가져오기 로그 확인하고 실패한 행 요약",
)
