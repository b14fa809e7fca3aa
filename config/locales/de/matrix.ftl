# Was der Matrix-Adapter selbst sagt, rund um das Gespräch.

turn-on = Mehr
turn-back = Zurück
press-unknown = { $key } steht nicht zur Wahl. Reagiere mit einer Zahl aus der Liste, oder tippe sie.
press-foreign = Diese Liste gehört jemand anderem. Tippe { $prefix }start für eine eigene.
press-old = Diese Liste gehört zu einer älteren Version. Tippe { $prefix }start für das Menü.
number-out-of-range = Zur Wahl stehen { $count }: Tippe eine Zahl von 1 bis { $count }.
message-no-picture = Das ist kein Bild, mit dem man trainieren kann. Schick PNG, JPEG oder WebP, als Bild oder als Datei; sonst hat sich nichts geändert.
message-edited = Das hatte ich schon gelesen, und es gilt, wie es zuerst war. Schick es noch einmal, um es zu ändern.
message-full = Das war zu viel auf einmal. Schick es gleich noch einmal.
message-locked = Deine letzte Nachricht kann ich nicht lesen: Ihr Schlüssel kam nicht mit. Sobald er da ist, lese ich sie. Wenn nichts geschieht, schick sie noch einmal, oder melde deine Sitzung ab und wieder an.
not-allowed = Mit dir darf ich nicht reden: Wer diesen Bot betreibt, hat gewählt, wer darf. Bitte dort um Zutritt.
file-too-large = { $name } hat { $size } MB, und dieser Server nimmt { $max } MB an. Wer diesen Bot betreibt, kann sie dir geben.
file-by-link = { $name } hat { $size } MB; dieser Server nimmt { $max } MB an. Über diesen Link bekommst du sie, einen Tag lang: { $link }
file-gone = Diese Datei gibt es nicht mehr.
