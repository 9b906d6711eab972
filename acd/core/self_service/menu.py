"""Menus: the machine's first question on lines of enquiry, and nobody is kept from people by it.

Time in a menu is waiting: the promise runs from the INVITE (C03).  0 is a person in every menu, #
says it again, * goes back; what is wrong or missing is asked again, and after the last try the
menu's own ``otherwise`` comes.  However a caller presses on, a person comes at last.  A call keeps
the menus with which it came in, so a change of the directory takes no question out of an ear.
"""

from acd.core import calls
from acd.core.entities import Call, Dialogue, Topic
from acd.core.facts import CallPickedUp, MenuAnswered, Outcome, ReplyKind
from acd.core.follow_up import promises
from acd.core.ids import QueueId
from acd.core.moves import move_call
from acd.core.scripts import Choice, Menu, Then
from acd.core.self_service import callback, dialogue, message
from acd.core.state import State
from acd.core.tables import CallMove

STEPS_MAX = 30
"""Whoever has pressed so many keys is lost, or a machine; a person comes."""

PERSON_KEY = "0"
AGAIN_KEY = "#"
BACK_KEY = "*"
PERSON = Choice(Then.QUEUE)

NO_SUCH_KEY = "caller-no-such-key"
NOTHING_PRESSED = "caller-nothing-pressed"
TASK_NOTED = "caller-task-noted"
GOODBYE = "caller-goodbye"

PROMPTS = (NO_SUCH_KEY, NOTHING_PRESSED, TASK_NOTED, GOODBYE)


def start(s: State, call: Call) -> None:
    """A caller has come to a line with a menu: it is picked up at once, and asked."""
    assert call.queue is not None
    move_call(s, call, CallMove.TURNED)
    call.picked_up = True
    s.emit(CallPickedUp(at_ms=s.now, call=call.id, arrived_ms=call.arrived_ms))
    calls.answer(s, call)
    greets = s.lines[call.queue].queue.treatment.greets
    greeting = call.greeting if greets else ()
    call.greeting = ()
    dialogue.begin(s, call)
    _ask(s, call, call.menus[0], greeting)


def answered(s: State, call: Call) -> None:
    """A key, or nothing in time."""
    asked = call.dialogue
    assert asked is not None and asked.menu is not None
    key = asked.digits or None
    menu = asked.menu
    if asked.steps >= STEPS_MAX:
        _follow(s, call, key, PERSON, chosen=False)
        return
    choice = dict(menu.choices).get(key or "")
    if choice is None and key == PERSON_KEY:
        choice = PERSON
    if choice is not None:
        _follow(s, call, key, choice, chosen=True)
    elif key == AGAIN_KEY:
        _again(s, call, menu, key)
    elif key == BACK_KEY:
        _again(s, call, asked.above.pop() if asked.above else menu, key)
    else:
        _not_understood(s, call, asked, key)


def _not_understood(s: State, call: Call, asked: Dialogue, key: str | None) -> None:
    assert asked.menu is not None
    asked.tries += 1
    if asked.tries >= asked.menu.tries_max:
        _follow(s, call, key, asked.menu.otherwise, chosen=False)
        return
    _tell(s, call, key, None, chosen=False)
    _ask(s, call, asked.menu, (NOTHING_PRESSED if key is None else NO_SUCH_KEY,))


def _again(s: State, call: Call, menu: Menu, key: str) -> None:
    asked = call.dialogue
    assert asked is not None
    _tell(s, call, key, None, chosen=True)
    asked.tries = 0
    _ask(s, call, menu, ())


def _follow(s: State, call: Call, key: str | None, choice: Choice, *, chosen: bool) -> None:
    """Do what a key stands for."""
    _tell(s, call, key, choice, chosen=chosen)
    asked = call.dialogue
    assert asked is not None and asked.menu is not None
    asked.tries = 0
    match choice.then:
        case Then.QUEUE:
            dialogue.drop(s, call)
            calls.enter_line(s, call, QueueId(choice.target) if choice.target else None)
        case Then.MENU:
            asked.above.append(asked.menu)
            _ask(s, call, _menu(call, choice.target), ())
        case Then.INFORMATION:
            # Keys work while it is said, so whoever has heard enough goes on.
            call.served = True
            _ask(s, call, asked.menu, (choice.target,))
        case Then.VOICEMAIL:
            message.ask(s, call)
        case Then.CALLBACK:
            callback.ask(s, call)
        case Then.TASK:
            call.served = True
            promises.owe(s, call, ReplyKind.TASK, about=choice.target)
            call.outcome = call.outcome or Outcome.SELF_SERVED
            words = (TASK_NOTED, *promises.within(s, call), GOODBYE, *call.closing)
            dialogue.close(s, call, words)


def _menu(call: Call, key: str) -> Menu:
    return next(menu for menu in call.menus if menu.id == key)


def _ask(s: State, call: Call, menu: Menu, before: tuple[str, ...]) -> None:
    asked = call.dialogue
    assert asked is not None
    asked.menu = menu
    asked.steps += 1
    words = (*before, menu.prompt)
    dialogue.ask(s, call, Topic.MENU, words, answer_ms=menu.answer_ms)


def _tell(s: State, call: Call, key: str | None, choice: Choice | None, *, chosen: bool) -> None:
    asked = call.dialogue
    assert asked is not None and asked.menu is not None
    s.emit(
        MenuAnswered(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            menu=asked.menu.id,
            key=key,
            then=None if choice is None else choice.then,
            target="" if choice is None else choice.target,
            chosen=chosen,
        )
    )
