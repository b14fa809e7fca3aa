command-start = Where everything begins
command-remind = Be reminded of something
argument-text = What to remind you of

home-title = What can I keep in mind for you?
home-remind = Remind me

remind-what = What should I remind you of?
remind-what-hint = For example: water the plants
remind-empty = Tell me what to remind you of.
remind-long = That is too long to remember. Say it in { $max } characters or fewer.
remind-when = And when?
remind-when-hint = In how many minutes
remind-minutes = { $minutes ->
    [1440] tomorrow
    [60] in an hour
    [one] in a minute
   *[other] in { $minutes } minutes
  }
remind-range = I need a number of minutes from 1 to { $max }, which is a week.
remind-review = Shall I?
remind-field-what = What
remind-field-when = When
remind-waiting = { $waiting ->
    [0] Nothing else is waiting.
    [one] One other reminder is waiting.
   *[other] { $waiting } other reminders are waiting.
  }
remind-confirm = Remind me
remind-change = Say it differently
remind-full = You have { $most } reminders waiting already. Come back when one of them was due.
remind-set = { $minutes ->
    [one] You will hear from me in a minute.
   *[other] You will hear from me in { $minutes } minutes.
  }
remind-due = You wanted to be reminded: { $text }
