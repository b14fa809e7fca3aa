command-start = Wo alles anfängt
command-remind = An etwas erinnert werden
argument-text = Woran du erinnert werden willst

home-title = Was soll ich für Sie im Kopf behalten?
home-remind = Erinnere mich

remind-what = Woran soll ich Sie erinnern?
remind-what-hint = Zum Beispiel: Blumen gießen
remind-empty = Sagen Sie mir, woran ich Sie erinnern soll.
remind-long = Das ist zu lang. Sagen Sie es in höchstens { $max } Zeichen.
remind-when = Und wann?
remind-when-hint = In wie vielen Minuten
remind-minutes = { $minutes ->
    [1440] morgen
    [60] in einer Stunde
    [one] in einer Minute
   *[other] in { $minutes } Minuten
  }
remind-range = Bitte eine Zahl von Minuten, von 1 bis { $max }, das ist eine Woche.
remind-review = Soll ich?
remind-field-what = Was
remind-field-when = Wann
remind-waiting = { $waiting ->
    [0] Sonst wartet nichts.
    [one] Eine andere Erinnerung wartet.
   *[other] { $waiting } andere Erinnerungen warten.
  }
remind-confirm = Ja, erinnere mich
remind-change = Anders sagen
remind-full = Es warten schon { $most } Erinnerungen. Kommen Sie wieder, wenn eine davon fällig war.
remind-set = { $minutes ->
    [one] Sie hören in einer Minute von mir.
   *[other] Sie hören in { $minutes } Minuten von mir.
  }
remind-due = Sie wollten erinnert werden: { $text }
