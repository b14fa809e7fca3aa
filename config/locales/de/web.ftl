# Was die Webseite selbst sagt, rings um das Gespräch.

page-skip = Zum Nachrichtenfeld springen
page-reconnecting = Die Verbindung wird wiederhergestellt …
page-chats = Chats
page-new-chat = Neuer Chat
page-main-chat = Hauptchat
page-chat-number = Chat { $number }
page-conversation = Gespräch
page-say-hello = Sag Hallo, dann geht es los.
page-drop = Leg deine Bilder irgendwo hier ab
page-you = Du
page-your-message = Deine Nachricht
page-message = Nachricht
page-write = Schreib eine Nachricht
page-commands = Befehle
page-queue = Dateien, die gesendet werden
page-add-files = Dateien hinzufügen
page-send = Senden
page-without-script = Antworten, die länger brauchen, siehst du, wenn du die Seite neu lädst.
page-reload = Neu laden
page-welcome = Willkommen
page-private = { $name } ist hier privat. Gib das Zugangswort ein, das du bekommen hast.
page-token = Zugangswort
page-enter = Eintreten
page-sorry = Das ging schief
page-to-chat = Zum Chat
page-not-all-sent = Nicht alles wurde gesendet
page-continue = Weiter

# Was das Skript der Seite sagt. „{ $name }“ ist der Name einer Datei.
script-new-message = Neue Nachricht ↓
script-remove = { $name } entfernen
script-offline = Du scheinst offline zu sein.
script-failed = Das hat nicht geklappt.
script-again = Ich versuche es noch einmal …

# Warum eine Datei nicht angenommen wurde: steht nach ihrem Namen und einem Doppelpunkt, ein Punkt folgt.
file-unnamed = Datei
file-too-many = nur { $max } Dateien passen in eine Nachricht
file-empty = sie ist leer
file-too-large = sie ist größer als { $limit }
file-no-space = auf diesem Server ist kein Platz mehr dafür. Bitte die Betreiber, Platz zu schaffen, und schick sie dann noch einmal

problem-forbidden = Das kam nicht von einer Seite dieses Browsers. Lade die Seite neu und versuch es noch einmal.
problem-try-again = Der Bot kann das gerade nicht annehmen. Versuch es gleich noch einmal.
problem-not-found = Unter dieser Adresse gibt es nichts.
problem-too-long = Das ist zu lang: höchstens { $max } Zeichen.
problem-nothing = Es gab nichts zu senden.
problem-button = Diesen Knopf gibt es hier nicht.
problem-malformed = Diese Anfrage ist fehlerhaft. Lade die Seite neu.
problem-busy = Der Bot ist noch mit dem beschäftigt, was du vorher geschickt hast. Versuch es gleich noch einmal.
problem-broke-off = Die Übertragung ist abgebrochen. Schick die Dateien noch einmal.
problem-encoding = Dieser Text ist kein UTF-8.
problem-too-much = Das sind zu viele Dateien für eine Nachricht. Verteile sie auf mehrere.
problem-host = Diese Seite ist unter dieser Adresse nicht zu erreichen. Die Betreiber können die Adresse unter [web] public_url eintragen.
problem-unknown-browser = Dieser Browser ist hier nicht bekannt. Öffne die Seite und erlaube ihr Cookie.
problem-no-cookie = Diese Seite braucht ein Cookie, um deine Chats von denen anderer zu unterscheiden. Erlaube es und versuch es noch einmal.
problem-token-first = Gib zuerst das Zugangswort ein.
problem-wrong-token = Das ist nicht das richtige Zugangswort.
problem-many-tokens = Zu oft das falsche Zugangswort. Warte eine Minute und versuch es dann noch einmal.

page-preview = Vorschau
page-preview-platforms = Plattformen
page-preview-lost = Was dort verloren geht
page-preview-payload = Payload
