# Was der Discord-Adapter selbst sagt, rund um das Gespräch.

press-unknown = Dieser Knopf gehört zu einer älteren Version. Mit /start kommt das Menü.
press-foreign = Dieses Menü gehört jemand anderem. Mit /start bekommst du ein eigenes.
command-unknown = Diesen Befehl kenne ich nicht mehr. Mit /help kommen die, die es gibt.
message-no-picture = Das ist kein Bild, mit dem man trainieren kann. Schick PNG, JPEG oder WebP als Datei; sonst hat sich nichts geändert.
message-full = Das war zu viel auf einmal. Schick es gleich noch einmal.
not-taken = Das konnte gerade nicht festgehalten werden, es hat sich also nichts geändert. Versuch es gleich noch einmal.
not-shown = Discord nimmt nicht an, was hier zu sehen wäre. Nichts ist verloren: /start zeigt das Hauptmenü.
file-too-large = { $name } hat { $size } MB, und Discord nimmt hier { $max } MB. Wer diesen Bot betreibt, kann sie dir geben.
file-by-link = { $name } hat { $size } MB; Discord nimmt hier { $max } MB. Mit diesem Link bekommst du sie, einen Tag lang:
file-gone = Diese Datei gibt es nicht mehr.
pictures-by-command = Mit `{ $command }` kommen sie her: zehn auf einmal, auf Wunsch mit Beschriftung.
pictures-by-mention = Bring sie in einer Nachricht, die { $bot } nennt, auf Wunsch mit einer Bildunterschrift als Text; oder mit `{ $command }`.
seen-above = Erledigt: Es steht in der Nachricht darüber.
