"What counts as the same row: in scripts without spaces, and where a sign is all the difference."
import json

import ftkit as ft
import pytest
import ftkit.cli.main as cli_main

ASK = {
    'zh': ('请详细说明怎样在雨季到来之前检查屋顶的瓦片并且修补漏水的地方', '周末'),
    'ja': ('来週の会議の前に新しい資料を印刷して机の上に置いておいてくださいと伝えてもらえますか', '明日'),
    'th': ('กรุณาอธิบายวิธีตรวจสอบหลังคาบ้านก่อนฤดูฝนจะมาถึงและซ่อมแซมจุดที่น้ำรั่ว', 'ด่วน'),
    'lo': ('ກະລຸນາອະທິບາຍວິທີກວດສອບຫຼັງຄາເຮືອນກ່ອນລະດູຝົນຈະມາເຖິງແລະສ້ອມແປງຈຸດທີ່ນ້ຳຮົ່ວ', 'ດ່ວນ'),
    'km': ('សូមពន្យល់ពីរបៀបពិនិត្យដំបូលផ្ទះមុនរដូវភ្លៀងមកដល់និងជួសជុលកន្លែងដែលលេចទឹក', 'លឿន'),
    'my': ('မိုးရာသီမရောက်မီအိမ်ခေါင်မိုးကိုမည်သို့စစ်ဆေးပြီးရေယိုသည့်နေရာများကိုပြုပြင်ရမည်ကိုရှင်းပြပါ',
           'မြန်မြန်'),
    'ar': ('اشرح بالتفصيل كيف أفحص سقف البيت قبل موسم المطر وأصلح الأماكن التي يتسرب منها الماء', 'سريعا'),
    'hi': ('बरसात आने से पहले घर की छत की जाँच कैसे करें और जहाँ पानी टपकता है उसे कैसे ठीक करें समझाइए',
           'जल्दी'),
    'ko': ('장마가 오기 전에 집 지붕을 어떻게 점검하고 물이 새는 곳을 어떻게 고치는지 자세히 설명해 주세요', '빨리')}
OTHER = {
    'zh': '这家餐厅的招牌菜是什么，晚上几点关门？', 'ja': '猫が昨日から何も食べません、病院に行くべきですか。', 'th': 'ร้านนี้เปิดกี่โมงและมีที่จอดรถไหม',
    'lo': 'ຮ້ານນີ້ເປີດຈັກໂມງ ແລະ ມີບ່ອນຈອດລົດບໍ່', 'km': 'ហាងនេះបើកម៉ោងប៉ុន្មាន ហើយមានកន្លែងចតរថយន្តទេ',
    'my': 'ဤဆိုင်ဘယ်အချိန်ဖွင့်သလဲ ကားရပ်ရန်နေရာရှိပါသလား',
    'ar': 'متى يفتح هذا المتجر وهل توجد مواقف للسيارات',
    'hi': 'यह दुकान कितने बजे खुलती है और क्या गाड़ी खड़ी करने की जगह है', 'ko': '이 가게는 몇 시에 열고 주차장이 있나요'}

def rows_in(code):
    ask,new = ASK[code]
    far = [dict(prompt=f'{OTHER[code]} {i*i} {i*7}', completion=f'{i}') for i in (3, 8)]
    return [dict(prompt=ask, completion='1'), far[0], dict(prompt=new+ask, completion='2'), far[1]]

def found(rows, check): return [i.line for i in ft.load(rows).check() if i.check==check]

@pytest.mark.parametrize('code', ASK)
def test_a_near_copy_is_seen_in_every_script(code):
    assert found(rows_in(code)[:3], 'near-duplicate')==[3]
    near,far = ft.load(rows_in(code)[:1]),ft.load(rows_in(code)[1:2])
    leaks = [i.line for i in ft.load(rows_in(code)[2:3]).check(near) if i.check=='split-leak']
    assert leaks==[1] and not [i for i in far.check(near) if i.check=='split-leak']

@pytest.mark.parametrize('code', ASK)
def test_copies_but_for_punctuation_are_exact_in_every_script(code):
    ask = ASK[code][0]
    end = '。' if code in ('zh', 'ja') else '؟' if code=='ar' else '।' if code=='hi' else '?'
    assert found([dict(prompt=o, completion='x y') for o in (ask, f'“{ask}{end}” ')], 'exact-duplicate')==[2]
    assert found([dict(prompt=o, completion='x y') for o in (ask, ask[:-1])], 'exact-duplicate')==[]

def test_splits_keep_near_copies_together_in_every_script():
    rows = [dict(prompt=f'{new*k}{ask}', completion=f'{k}') for ask,new in ASK.values() for k in range(5)]
    rows += [dict(prompt=f'{o} {i*i} {i*7} {i**3}', completion='x') for i,o in enumerate([*OTHER.values()]*4)]
    for seed in range(3):
        s = ft.load(rows).split((.5, .2, .3), seed=seed)
        where = {ex.prompt[0]['content']:k for k,v in s.items() for ex in v}
        for ask,new in ASK.values(): assert len({where[new*k+ask] for k in range(5)})==1

SIGNS = ('What is 8 + 2?|What is 8 - 2?|What is 8 * 2?', 'Is C fast?|Is C++ fast?|Is C# fast?',
         'Is 3 > 5?|Is 3 < 5?',
         'Is $100 much?|Is €100 much?|Is £100 much?', 'What is the root of -5?|What is the root of 5?',
         'What is {} in Python?|What is [] in Python?',
         'Mood of "fine :)"|Mood of "fine :("', 'How do I install .NET here?|How do I install net here?',
         'Is a != b a test?|Is a == b a test?',
         'Is 50 % a lot?|Is 50 a lot?')

@pytest.mark.parametrize('asked', SIGNS)
def test_rows_that_differ_in_a_sign_are_no_conflict_and_no_copies(asked):
    asked = asked.split('|')
    assert found([dict(prompt=o, completion=f'answer {i}') for i,o in enumerate(asked)], 'conflict')==[]
    assert found([dict(prompt=o, completion='the same answer') for o in asked], 'exact-duplicate')==[]
    assert found([dict(prompt='Say it.', completion=o) for o in asked], 'exact-duplicate')==[]

COPIES = ("I don't know.|I DONT KNOW", 'Well: yes, (really)!|well yes really', 'He said "no"...|he said no',
          'Costs 50%|costs 50 %',
          'tea - milk - sugar|Tea, milk, sugar', '**Note** this|note this', 'see `ls`|See ls.',
          'It is 8+2|it is 8 + 2.')

@pytest.mark.parametrize('said', COPIES)
def test_rows_that_differ_in_case_space_and_punctuation_are_copies(said):
    assert found([dict(prompt='Say it.', completion=o) for o in said.split('|')], 'exact-duplicate')==[2]

def test_a_split_tells_of_its_shares_in_json(tmp_path, capsys):
    rows = [dict(prompt=f'please tell me the name of the tool that does job number {i}', completion='x')
            for i in range(80)]
    rows += [dict(prompt=f'{i} {i*i} {i**3} {i*7}', completion='x') for i in range(40)]
    path = tmp_path/'a.jsonl'
    path.write_text(''.join(json.dumps(o)+'\n' for o in rows))
    assert cli_main.main(['split', str(path), '--out', str(tmp_path/'d'), '--json'])==0
    out = capsys.readouterr()
    note, = [o for o in json.loads(out.out)['notes'] if o['code']=='shares']
    assert note['message'] in out.err and '80 of 120 rows are one cluster' in note['message']
    assert json.loads((tmp_path/'d/split.json').read_text())['note']==note['message']
