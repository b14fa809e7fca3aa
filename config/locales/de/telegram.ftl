# Was der Telegram-Adapter selbst sagt, rund um das Gespräch.

press-unknown = Dieser Knopf gehört zu einer älteren Version. Schick /start für das Menü.
press-foreign = Dieses Menü gehört jemand anderem. Schick /start für ein eigenes.
message-no-picture = Das ist kein Bild, mit dem man trainieren kann. Schick PNG, JPEG oder WebP, als Foto oder als Datei; sonst hat sich nichts geändert.
message-too-large = Diese Datei hat mehr als 20 MB, und größere gibt Telegram an Bots nicht heraus. Schick sie als Foto, oder mach sie kleiner.
message-anonymous = Solange du anonym schreibst, weiß ich nicht, wer du bist. Schreib unter deinem Namen, oder mir allein.
message-edited = Das hatte ich schon gelesen, und es gilt, wie es zuerst war. Schick es noch einmal, um es zu ändern.
message-full = Das war zu viel auf einmal. Schick es gleich noch einmal.
file-too-large = { $name } hat { $size } MB, und Telegram nimmt von Bots { $max } MB an. Wer diesen Bot betreibt, kann sie dir geben.
file-by-link = { $name } hat { $size } MB; Telegram nimmt von Bots { $max } MB an. Über diesen Link bekommst du sie, einen Tag lang:
file-gone = Diese Datei gibt es nicht mehr.
