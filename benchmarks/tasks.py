"""Three small tasks to train on, the same for the same seed: a message and one of 27 wishes, a message and a
JSON object, and the shipped tickets. Test rows come from phrases that no training row has.

    python benchmarks/tasks.py FOLDER [--seed 42]    writes NAME/train.jsonl, validation.jsonl and test.jsonl
"""
import argparse, json, random, re
from pathlib import Path

# What a person may want at the desk of a library: the first five phrases are trained on, the others are not.
# {a|b} is one or the other.
WISHES = dict(
    renew_loan=['{can|could} I keep {my books|the novel|these two} a bit longer',
                'extend the due date {please|on my account}',
        'I need another {two weeks|week} with what I borrowed', 'renew {everything|all of it|the lot} for me',
        'my loan runs out {tomorrow|on Friday} and I am not done',
        'more time for the {thriller|cookbook} I have at home',
        'is it possible to prolong what I have out'],
    reserve_book=['put {the new Atwood|that atlas} aside for me',
                  'I want to place a hold on a {biography|comic}',
        'somebody has {it|the book} out, can I queue for it',
        'reserve a {title|novel} which is lent out right now',
        'tell me when it is back, I would like it next', 'hold the next free copy for me',
        'can I be put on the waiting list'],
    cancel_hold=['take me off the waiting list', 'I no longer {want|need} the book I reserved',
                 'cancel the hold on {that atlas|the Le Carré}',
        'drop my reservation, I bought a copy', 'remove {one|two} of my holds',
        'please scrap the reservation',
        'you need not keep it for me any more'],
    pay_fine=['how do I {settle|pay} what I owe', 'I got a {letter|mail} about a late fee, where do I pay',
        'can I pay the {4.50|12 euros} by card', 'I would like to clear my {fines|charges}',
        'pay my overdue fee online',
        'where can I put down the money for the late return', 'settle the outstanding amount'],
    dispute_fine=['this fee is wrong, I brought it back {in time|on Monday}',
                  'why am I charged, {the book was in the box|I was not late}',
        'I do not agree with the {fine|charge} on my account',
        'take the late fee off, you were closed that day',
        'the charge must be a mistake', 'I was billed for something I never borrowed',
        'please check the fine, it cannot be right'],
    lost_item=['I cannot find {the dvd|a book} any more', 'my {dog|toddler} hid the novel and it is gone',
               'I left it on the {train|tram}',
        'the book went missing when we moved', 'what if something I borrowed is lost',
        'the audio book has vanished',
        'I must have mislaid the guide I borrowed'],
    damaged_item=['coffee went all over {page 12|the cover}',
                  'the {spine|binding} came apart while I was reading',
        'some pages are {torn|missing}', 'my son drew in the picture book',
        'the disc has a scratch and stops',
        'it got wet in my bag', 'the cover is ripped, who do I tell'],
    new_card=['how do I {join|sign up}', 'I just moved here and want to be a member',
              'what do I need to get a library card',
        'can my {daughter|mother} have a card of her own', 'register me as a reader', 'become a member',
        'I have no card yet, where do I apply'],
    lost_card=['my card {was stolen|is gone}', 'I {dropped|lost} my library card somewhere',
               'block my card, my wallet is missing',
        'I need a replacement for a card I lost', 'somebody has taken my card',
        'the card fell out of my pocket', 'cannot find my membership card'],
    reset_pin=['I forgot my {pin|password}', 'my pin does not work {any more|at the machine}',
               'how do I set a new password',
        'locked out after three wrong tries', 'send me a new pin', 'it will not take my code',
        'the secret number escapes me'],
    change_address=['we have moved, the street is {Elm Road 4|Mill Lane 9} now', 'update where I live',
                    'new {flat|home}, what do you need from me',
        'letters go to my old place', 'my postal address has changed',
        'I live somewhere else since {May|last week}', 'note down my new street'],
    change_email=['my {mail|e-mail} is {ann@example.org|jo@example.com} now',
                  'reminders go to an inbox I do not use', 'swap the e-mail on my account',
        'I have a new mail address', 'use another e-mail for notices', 'write to my work e-mail from now on',
        'replace the e-mail you have'],
    close_account=['delete {my account|all you know of me}',
                   'I am leaving {town|the country}, end my membership',
                   'I do not want to be a member any more',
        'cancel my card for good', 'please close my account', 'stop my membership', 'remove me as a reader'],
    opening_hours=['when do you {open|close} {on Sunday|today}', 'are you open {at Easter|on the 1st}',
                   'until what time can I come {tonight|on Friday}',
        'what are your hours', 'is the branch closed this week', 'how late may I come in',
        'do you open before nine'],
    find_branch=['which {branch|library} is nearest to the {station|school}', 'where are you exactly',
                 'how do I get there by {bus|bike}',
        'is there a library in {Northfield|the old town}', 'directions to the main building',
        'where is the closest one to me', 'what is the way to your house'],
    parking=['can I leave my {car|van} there', 'where do I park {a bike|the car}',
             'is the garage {free|open} for readers',
        'what does parking cost', 'are there spaces for disabled drivers', 'a spot for my motorbike',
        'does the car park close at night'],
    book_room=['I need a {room|quiet place} for {six|four} people on {Tuesday|Monday}',
               'book the study room {at ten|in the afternoon}',
        'can our {club|choir} meet at yours', 'is a meeting room free tomorrow',
        'reserve a cabin to learn in', 'a room for our group please',
        'we want somewhere to sit together for two hours'],
    cancel_room=['we do not need the room {on Tuesday|any more}', 'cancel the {study|meeting} room',
                 'our group is ill, free the room for others',
        'I booked a cabin and cannot come', 'call off the room I took',
        'the meeting falls through so give the room away', 'undo my room booking'],
    wifi=['how do I get {on the internet|online} with my {laptop|phone}', 'what is the wifi {code|password}',
          'the wireless keeps dropping',
        'is there free internet', 'my laptop sees no network', 'connect my tablet to your net',
        'the wlan is slow up there'],
    print_copy=['can I {print|copy} {three pages|my ticket}', 'the {printer|copier} {eats|took} my money',
                'how much is a page in colour',
        'print from a usb stick', 'where is the copy machine', 'I have to get a form on paper',
        'does the printer do both sides'],
    scan=['I want to {scan|digitise} {old letters|a contract}',
          'is there a scanner {for slides|for large maps}', 'turn paper into a pdf',
        'scan to my mail', 'how good is your scanner', 'make a digital picture of a page',
        'get my photos on a stick'],
    ebook_help=['the {e-book|audio file} does not open on my {reader|phone}', 'how do I borrow e-books',
                'the app says the {title|loan} has expired',
        'can I read your books on a tablet', 'the download of the ebook stops',
        'my reader refuses the digital loan', 'put an ebook on my device'],
    suggest_purchase=['you should {buy|get} {the new Zadie Smith|more comics}',
                      'could you order a {book|magazine} you do not have',
        'I miss {graphic novels|books on bees} in your shelves', 'please add it to your collection',
        'a title you might want to purchase',
        'why do you not stock that author, get some', 'I propose something for your collection'],
    join_event=['sign {me|us} up for the {reading|workshop}', 'I want to come to the story hour',
                'two seats for {Thursday|the talk}',
        'register my {kids|son} for the course', 'is there room left in the class',
        'put my name on the list for the concert', 'I would like to attend the lecture'],
    event_program=['what is on {this month|in June}',
                   'do you have something for {teens|children} {on Saturday|in the holidays}',
        'which {talks|readings} are planned', 'send me your programme', 'any concerts coming up',
        'what happens at the library next week', 'list of upcoming events'],
    donate_books=['I have {three boxes|a shelf} of books to give away', 'do you take {old|used} books',
                  'my aunt left a collection, would you like it',
        'where can I bring books as a gift', 'can I hand in novels I do not want',
        'I would like to give you my comics', 'a donation of children\'s books'],
    complaint=['it was {far too loud|freezing} {upstairs|in the hall}',
               'the {person|man} at the desk was rude', 'I am unhappy with {how I was treated|the mess}',
        'the toilets are filthy', 'this is the worst service', 'nobody helped me and I waited an hour',
        'I want to speak to whoever is in charge'])
BEFORE = ['', '', '', '', 'hi, ', 'hello, ', 'good morning. ', 'quick question: ', 'sorry to bother you, ',
          'hey ', 'um, ', 'dear team, ']
AFTER = ['', '', '', '', '?', '.', '!', ', thanks', ', please', ' asap', '. Thank you!', ', if possible',
         ' :)', '. Cheers, {Ben|Ida|Mo}']

def said(text:str, rng:random.Random)->str:
    "One reading of a phrase with {a|b}, in one of the ways that people type"
    text = re.sub(r'\{([^}]*)\}', lambda m: rng.choice(m[1].split('|')), text)
    return rng.choice((str.lower, str, str, lambda o: o[:1].upper()+o[1:]))(text)

def chat(system:str, user:str, answer:str)->dict:
    return dict(messages=[dict(role=k, content=v) for k,v in (('system', system), ('user', user),
                                                              ('assistant', answer))])

# Split → rows: 189 to train on, 27 to steer by, 108 to ask
def intents(seed:int=42, n_train:int=7, n_test:int=4)->dict:
    rng,res = random.Random(seed),dict(train=[], validation=[], test=[])
    def row(name, phrase):
        return chat('Name what the reader wants.', said(rng.choice(BEFORE)+phrase+rng.choice(AFTER), rng),
                    name)
    for name,phrases in WISHES.items():
        seen = set()
        while len(seen)<n_train+1:
            o = row(name, phrases[len(seen)%5])
            if (text := o['messages'][1]['content']) in seen: continue
            res['validation' if len(seen)==n_train else 'train'].append(o)
            seen.add(text)
        res['test'] += [row(name, phrases[5+i%2]) for i in range(n_test)]
    for rows in res.values(): rng.shuffle(rows)
    return res

NAMES = (
    'Okafor Lindqvist Brandt Moreau Castellano Ueda Novak Haddad Osei Petrov Quinn Ferreira Zhang Iyer '
    'Dubois Halloran Kaya Berg'.split())
DAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split()
BOOKINGS = [ # The last four are asked and not trained on
    'table for {n} on {d} at {t}, name is {w}', '{w} here, {n} of us, {d} {t}',
    'could we come {d}? {n} people, around {t}. {w}',
    'Hello, I would like to reserve for {n} persons, {d}, {t}. Best, {w}', '{d} {t} {n} pax {w}',
    'Booking under {w}: {d} evening, {t}, {n} guests',
    'we are {n} and hungry :) {d} at {t}? the name is {w}', 'Please note down {w}, {t} on {d}, seats for {n}',
    'is {t} free on {d} for a party of {n}? ({w})', 'my name is {w} and I need {n} seats at {t} this {d}',
    'For {d}: {n} covers at {t}. {w}', 'hi its {w}, can you fit {n} in on {d}, say {t}',
    '{n} for dinner, {t}, {d}, thanks, {w}',
    'Good day, {w} speaking. On {d} the {n} of us will be there at {t}',
    'Reserve {t} {d} in the name of {w}, we will be {n}', '{w} wants a table: {n} people, {d}, {t}']
TIMES = ['18:00', '18:30', '19:00', '19:30', '20:00', '20:15', '21:00', '12:30', '13:00']
AS_SAID = {'18:00':['6 pm', '18:00'], '18:30':['half past six', '18:30'], '19:00':['7pm', '19:00', 'seven'],
           '19:30':['7.30 pm', '19:30'],
           '20:00':['8 pm', 'eight', '20:00'], '20:15':['a quarter past eight', '20:15'],
           '21:00':['9pm', '21:00'], '12:30':['12:30'],
           '13:00':['1 pm', '13:00']}
NUMBERS = {2:['2', 'two'], 3:['3', 'three'], 4:['4', 'four'], 5:['5', 'five'], 6:['6', 'six'],
           8:['8', 'eight'], 10:['10', 'ten']}

def bookings(seed:int=42, n_train:int=120, n_test:int=60)->dict:
    rng = random.Random(seed)
    def row(texts):
        n,d,t,w = rng.choice([*NUMBERS]),rng.choice(DAYS),rng.choice(TIMES),rng.choice(NAMES)
        text = rng.choice(texts).format(n=rng.choice(NUMBERS[n]), d=rng.choice((d, d, d[:3])),
                                        t=rng.choice(AS_SAID[t]), w=w)
        return chat('Booking as JSON.', text, json.dumps(dict(name=w, day=d, time=t, people=n)))
    return dict(train=[row(BOOKINGS[:-4]) for _ in range(n_train)],
                validation=[row(BOOKINGS[:-4]) for _ in range(20)],
                test=[row(BOOKINGS[-4:]) for _ in range(n_test)])

def tickets(seed:int=42, n_train:int=64, n_test:int=48)->dict:
    from ftkit.base.lines import read_jsonl
    from ftkit.base.system import sample
    rows = [dict(messages=o.value['messages']) for o in read_jsonl(sample())]
    rows = [o for o in rows if len(json.dumps(o))<1000]
    random.Random(seed).shuffle(rows)
    return dict(train=rows[:n_train], validation=rows[n_train:n_train+16], test=rows[-n_test:])

TASKS = dict(intents=intents, bookings=bookings, tickets=tickets)

def write(folder:Path, rows:dict)->Path:
    folder.mkdir(parents=True, exist_ok=True)
    for k,v in rows.items():
        (folder/f'{k}.jsonl').write_text(''.join(json.dumps(o, ensure_ascii=False)+'\n' for o in v),
                                         encoding='utf-8')
    return folder

if __name__=='__main__':
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('folder', type=Path); p.add_argument('--seed', type=int, default=42)
    o = p.parse_args()
    for name,f in TASKS.items(): print(write(o.folder/name, f(o.seed)))
