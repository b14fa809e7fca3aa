# LoRAs trainieren: alles, was dieser Teil des Bots sagt.

command-start = Das Hauptmenü
command-train = Ein neues LoRA trainieren; ein Name darf folgen
    .name = trainieren
command-loras = Deine LoRAs und ihre Dateien; ein Name darf folgen
command-runs = Deine Trainings und wie weit sie sind
    .name = trainings
command-language = Die Sprache wechseln; sie darf folgen
    .name = sprache
command-link = Mit einer anderen Plattform verbinden
    .name = verbinden
command-unlink = Wieder trennen
    .name = trennen
command-help = Was das hier ist und wie es geht
    .name = hilfe
command-cancel = Abbrechen, was gerade läuft; verloren geht nichts
    .name = abbrechen
argument-name = Wie das LoRA heißen soll
argument-lora = Welches geöffnet werden soll
argument-code = Der Code von der anderen Plattform
argument-language = Die Sprache, oder nichts, um zu wählen
pictures-add = Bilder für das LoRA, das gerade bearbeitet wird
pictures-caption = Was sie zeigen

home-title = Lorikeet
home-intro = Trainiere ein Bild-LoRA aus deinen eigenen Bildern: Gib ihm einen Namen, schick { $min } bis { $max } Bilder, sag, was darauf zu sehen ist, und leg los. Du bekommst eine Datei mit der Endung .safetensors.
home-train = Ein LoRA trainieren
home-loras = Meine LoRAs ({ $count })
home-runs = Trainings
home-help = Hilfe
home-name-first = Bilder gehören zu einem LoRA. Drück auf „Ein LoRA trainieren“, gib ihm einen Namen und schick sie dann noch einmal.

help-title = So geht es
help-how = Gib einem LoRA einen Namen, schick { $min } bis { $max } Bilder von einem Motiv oder in einem Stil, beschreib sie oder überspring das, wähle die Einstellungen, lies, was es an Zeit und Geld braucht, und leg los. Du kannst jederzeit gehen: Alles wird laufend gespeichert, und das Training geht ohne dich weiter.
help-pictures = Schick PNG, JPEG oder WebP als Datei, dann bleibt die volle Qualität. Jedes Bild bekommt sein Urteil, sobald es ankommt. Am besten sind zehn oder mehr verschiedene Ansichten.

language-title = Sprache
language-intro = Welche Sprache soll ich sprechen?

engine-demonstration = Hier arbeitet das kleine eingebaute Vorführmodell von Lorikeet: 64×64 Pixel, in etwa einer Minute auf dem Prozessor dieses Rechners trainiert. Es zeigt, wie alles abläuft; seine Dateien passen nur zu diesem Modell.

duration-seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
  }
duration-minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
  }
duration-hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
  }
ago-moment = gerade eben
ago-minutes = { $count ->
    [one] vor { $count } Minute
   *[other] vor { $count } Minuten
  }
ago-hours = { $count ->
    [one] vor { $count } Stunde
   *[other] vor { $count } Stunden
  }
ago-days = { $count ->
    [one] vor { $count } Tag
   *[other] vor { $count } Tagen
  }
holder-elsewhere = einem anderen deiner Chats, geöffnet { $since }
holder-place = einem anderen deiner Chats („{ $place }“), geöffnet { $since }
holder-name = einem anderen Chat („{ $place }“, { $name }), geöffnet { $since }

step-name = Name
step-images = Bilder
step-captions = Beschreibungen
step-settings = Einstellungen
step-review = Prüfen
step-training = Training

name-title = Ein neues LoRA
name-intro = Wie soll es heißen? Nenn es nach dem, was die Bilder gemeinsam haben: eine Person, ein Tier, ein Ding oder ein Stil.
name-hint = Ein Name, 3 bis 50 Zeichen
name-empty = Der Name ist leer. Schreib { $min } bis { $max } Buchstaben, Ziffern, Leerzeichen, - oder _.
name-too-short = { $length ->
    [one] Ein Zeichen ist zu wenig.
   *[other] { $length } Zeichen sind zu wenig.
  } Schreib { $min } bis { $max } Buchstaben, Ziffern, Leerzeichen, - oder _.
name-too-long = Dieser Name hat { $length } Zeichen. Nimm höchstens { $max }.
name-character = „{ $character }“ darf nicht in einem Namen stehen. Nimm Buchstaben, Ziffern, Leerzeichen, - und _.
name-no-letter = Ein Name braucht mindestens einen Buchstaben oder eine Ziffer. Schreib { $min } bis { $max } Buchstaben, Ziffern, Leerzeichen, - oder _.
name-taken = Du hast schon ein LoRA namens „{ $name }“. Wähle einen anderen Namen oder öffne das andere unter „Meine LoRAs“.
name-too-many = Dieser Bot behält höchstens { $limit } für eine Person, und so viele hast du schon. Lösch zuerst eines unter „Meine LoRAs“.

trigger-intro = Das Auslösewort ruft das LoRA in einem Prompt auf. Es sollte ein Wort sein, das sonst nichts bedeutet.
trigger-hint = Ein Wort, 2 bis 30 Buchstaben oder Ziffern
trigger-length = { $length ->
    [0] Das Auslösewort ist leer. Schreib eines
    [one] Dieses Wort hat ein Zeichen. Nimm eines
   *[other] Dieses Wort hat { $length } Zeichen. Nimm eines
  } mit { $min } bis { $max } Buchstaben oder Ziffern.
trigger-one-word = Ein Auslösewort ist ein einziges Wort, ohne Leerzeichen.
trigger-character = „{ $character }“ darf nicht in einem Auslösewort stehen. Nimm Buchstaben, Ziffern, - und _.
trigger-set = Das Auslösewort ist jetzt „{ $trigger }“.

opening = Wird geöffnet …
locked = Es wird gerade in { $holder }, bearbeitet.
locked-choices = Du kannst warten, bis es frei ist, es nur ansehen oder es übernehmen: Der andere Chat erfährt davon und kann dann nur noch zusehen.
locked-wait = Darauf warten
locked-look = Nur ansehen
locked-take-over = Übernehmen
locked-waiting = Ich warte. Es geht hier auf, sobald es frei ist.
desk-untitled = Ein neues LoRA
desk-opening = Es wird noch geöffnet. Versuch es gleich noch einmal.
desk-read-only = Du siehst nur zu: Es wird gerade in { $holder }, bearbeitet. Öffne es noch einmal, um es zu übernehmen.
desk-lost = Es wurde anderswo übernommen und lässt sich hier nicht mehr ändern. Öffne es unter „Meine LoRAs“ noch einmal, um weiterzumachen.
desk-lost-now = Es wurde übernommen und lässt sich hier nur noch ansehen. Was du davor geändert hast, ist gespeichert.
desk-lost-to = Es wurde übernommen von { $holder }. Öffne es unter „Meine LoRAs“ noch einmal, um hier weiterzumachen.
desk-frozen = Es wird gerade trainiert; Bilder, Beschreibungen und Auslösewort bleiben deshalb, wie sie sind. Warte das Ende des Trainings ab oder halte es an.
desk-gone = Es ist nicht mehr da.
desk-deleted = Es wurde in einem anderen deiner Chats gelöscht; hier lässt sich nichts mehr daran ändern.
desk-not-saved = Das ließ sich nicht speichern: Dieser Bot kommt nicht an seine Daten. Deine nächste Änderung versucht es wieder. Sag den Betreibern Bescheid, wenn es dabei bleibt.
desk-not-opened = Es ließ sich nicht öffnen: Dieser Bot kommt nicht an seine Daten. Versuch es gleich noch einmal unter „Meine LoRAs“.
desk-picture-late = Ein Bild kam an, nachdem dieses LoRA übernommen worden war, und wurde nicht hinzugefügt. Schick es dort noch einmal, wo es jetzt bearbeitet wird.

dataset-count = { $pictures } von { $slots }, { $captions } mit Beschreibung
missing-pictures = { $have ->
    [0] Es braucht mindestens { $min } Bilder; noch ist keines da. Schick welche hierher.
   *[other] Es braucht mindestens { $min } Bilder, da { $have ->
        [one] ist
       *[other] sind
      } { $have }: Schick noch { $more }.
  }
missing-arriving = { $count ->
    [one] Ein Bild ist noch unterwegs. Warte einen Moment, dann geht es weiter.
   *[other] { $count } Bilder sind noch unterwegs. Warte einen Moment, dann geht es weiter.
  }

images-intro = Schick die Bilder: einzeln oder viele auf einmal. { $min } genügen, 10 oder mehr sind besser, { $max } passen hinein. Verschiedene Blickwinkel, Lichtverhältnisse und Hintergründe helfen.
images-more = { $more ->
    [0] Schick noch mehr, sieh dir eines an, oder mach weiter.
    [one] Eines fehlt noch; 10 oder mehr sind besser.
   *[other] { $more } fehlen noch; 10 oder mehr sind besser.
  }
images-full = Alle { $max } Plätze sind belegt. Sieh dir ein Bild an, oder mach weiter.
images-hint = Bilder hierher schicken
images-pick = Öffne ein Bild, um es zu beschreiben, zu ersetzen, zu drehen, zu verschieben oder zu entfernen.
images-places = Hier kommen sie hin.
images-doubtful = Ansehen, was besser ginge
images-continue = Weiter
images-unnamed = Bild
images-no-room = { $count ->
    [one] Ein Bild hat nicht mehr hineingepasst: { $names }. Alle { $max } Plätze sind belegt; entferne ein Bild, um Platz zu machen.
   *[other] { $count } Bilder haben nicht mehr hineingepasst: { $names }. Alle { $max } Plätze sind belegt; entferne welche, um Platz zu machen.
  }
images-duplicate = „{ $name }“ ist dieselbe Datei wie Bild { $slot } und wurde nicht noch einmal hinzugefügt.
images-unpacked = { $added ->
    [0] Aus der Zip-Datei konnte nichts hinzugefügt werden.
    [one] Ein Bild aus der Zip-Datei wurde hinzugefügt{ $captions ->
        [0] .
       *[other] , mit seiner Beschreibung.
      }
   *[other] { $added } Bilder aus der Zip-Datei wurden hinzugefügt{ $captions ->
        [0] .
        [one] , eines davon mit Beschreibung.
       *[other] , { $captions } davon mit Beschreibung.
      }
  }
images-left-out = { $count ->
    [one] Eine Datei blieb draußen.
   *[other] { $count } Dateien blieben draußen.
  } { $names }{ $more ->
    [0] {""}
    [one] {" "}Und eine weitere.
   *[other] {" "}Und { $more } weitere.
  }
images-refused = Bild { $slot } wurde nicht hinzugefügt. { $verdict }

slot-arriving = unterwegs
slot-warning = ginge besser
slot-verdict = { $slot }. { $name }: { $verdict }
slot-alt = Bild { $slot }: { $name }
slot-empty = Auf Platz { $slot } ist kein Bild. Schick hier eines.
slot-on-its-way = Bild { $slot } ist noch unterwegs. Warte einen Moment; wenn es nicht ankommt, entferne es und schick es noch einmal.
slot-refused = Schick ein anderes Bild, das an seine Stelle kommt, oder entferne es.
slot-none = Es ist kein Bild ausgewählt. Geh zurück und wähle eines.
slot-intro = Schreib eine Beschreibung dazu, oder schick ein anderes Bild, um es zu ersetzen.
slot-size = { NUMBER($width, useGrouping: "false") }×{ NUMBER($height, useGrouping: "false") } Pixel
slot-no-caption = noch keine
slot-before = Voriges
slot-after = Nächstes
slot-uncaption = Beschreibung löschen
slot-remove = Entfernen
slot-restored = Bild { $slot } ist wieder das von vorher.
slot-removed = Bild { $slot } wurde entfernt.
slot-keep = So lassen
slot-trim = Ränder abschneiden
slot-crop = Zuschneiden
slot-turn = Drehen
slot-move = Verschieben
slot-mending = Einen Moment …
slot-not-mended = Das hat nicht geklappt; das Bild bleibt, wie es ist. { $verdict }
slot-mending-failed = Das hat nicht geklappt: Dieser Bot kommt nicht an seine Bilder. Versuch es gleich noch einmal.
crop-intro = Das würde übrig bleiben. Nehmen wir das?
crop-use = Nehmen
crop-other = Anderer Ausschnitt
crop-leave = Lassen, wie es war
place-intro = Wohin soll Bild { $slot }? Was dort ist, tauscht mit ihm den Platz.
place-hint = Nummer eines Platzes
place-unknown = Diesen Platz gibt es nicht. Schreib eine Zahl von 1 bis { $max }.

picture-not-a-picture = Das ist kein Bild. Schick eine PNG-, JPEG- oder WebP-Datei.
picture-unsupported-format = { $format }-Dateien nehme ich nicht an. Speichere das Bild als PNG, JPEG oder WebP und schick das.
picture-unsupported-variant = Diese Art von { $format } lässt sich nicht lesen. Speichere das Bild noch einmal als gewöhnliches PNG oder JPEG und schick das.
picture-animated = Bewegte Bilder nehme ich nicht an. Schick ein einzelnes Bild daraus als PNG oder JPEG.
picture-truncated = Die Datei hört zu früh auf; wahrscheinlich wurde sie unterwegs abgeschnitten. Schick sie noch einmal.
picture-corrupt = Die Datei ist beschädigt. Öffne sie in einem Bildprogramm, speichere sie neu und schick das.
picture-too-many-bytes = Die Datei ist größer als { $limit_mb } MB. Speichere sie kleiner und schick das.
picture-too-many-pixels = Es hat { NUMBER($width, useGrouping: "false") }×{ NUMBER($height, useGrouping: "false") } Pixel, mehr als { $limit_mp } Megapixel. Verkleinere es und schick das.
picture-too-small = Seine kurze Seite hat { NUMBER($short_side, useGrouping: "false") } Pixel; mindestens { NUMBER($min, useGrouping: "false") } müssen es sein. Schick eine größere Fassung.
picture-duplicate = Es ist dieselbe Datei wie Bild { $slot } und wurde deshalb nicht noch einmal hinzugefügt.
picture-near-duplicate = Es sieht fast aus wie Bild { $slot }. Aus einer anderen Ansicht ließe sich mehr lernen.
picture-no-space = Auf diesem Server ist kein Platz mehr für Bilder. Bitte die Betreiber, Platz zu schaffen, und schick es dann noch einmal.
picture-not-fetched = Es ließ sich nicht holen. Schick es noch einmal.
picture-other = Es ist nicht zu gebrauchen. Schick ein anderes Bild, als PNG oder JPEG.
picture-too-many-pictures = Alle Plätze sind belegt.
picture-not-an-archive = Diese Zip-Datei ist beschädigt. Pack die Bilder neu und schick das.
picture-archive-empty = In dieser Zip-Datei ist nichts. Leg Bilder hinein, und Beschreibungen als Textdateien mit denselben Namen.
picture-archive-too-many-bytes = Die Zip-Datei ist größer als { $limit_mb } MB. Schick die Bilder in mehreren.
picture-archive-too-many-entries = Es sind mehr als { $limit } Dateien darin. Lass weg, was kein Bild ist, und schick den Rest.
picture-archive-too-much-unpacked = Was darin ist, ist größer als { $limit_mb } MB. Schick die Bilder in mehreren Zip-Dateien.
picture-archive-bomb = Sie würde beim Entpacken unmäßig groß, darum blieb sie zu.
picture-archive-entry-too-large = Sie ist größer als { $limit_mb } MB. Speichere sie kleiner und schick das.
picture-archive-entry-unreadable = Sie lässt sich nicht entpacken. Pack sie neu, ohne Passwort.
picture-elongated = Es ist mehr als doppelt so lang wie breit; viel davon wird abgeschnitten. Schneide es auf das Wichtige zu.
picture-below-resolution = Es ist kleiner als die { NUMBER($resolution, useGrouping: "false") } Pixel, mit denen trainiert wird.
picture-blurred = Es wirkt unscharf. Aus einem schärferen ließe sich mehr lernen.
picture-colour-profile-ignored = Sein Farbprofil lässt sich nicht lesen; die Farben können deshalb falsch sein. Speichere es als sRGB und schick das.
picture-letterboxed = Es hat einfarbige Balken am Rand, die mitgelernt würden. Schneide sie ab.

captions-intro = Sag, was auf jedem Bild zu sehen ist, so, wie du es in einem Prompt schreiben würdest. Lass weg, was immer dazugehören soll; das Auslösewort kommt von selbst dazu.
captions-which = Bild { $slot }, { $name }. Was ist darauf zu sehen?
captions-hint = Was auf dem Bild zu sehen ist
captions-all = Jedes Bild hat seine Beschreibung.
captions-none-left = Jedes Bild hat schon seine Beschreibung. Drück auf „Weiter“.
captions-later = Dieses nicht
captions-template = Ein Wort für den Rest
captions-skip = Ohne Beschreibungen weiter
captions-bulk = Alle Beschreibungen ändern
captions-undo = Rückgängig
captions-continue = Weiter
captions-failed = Die Beschreibungen ließen sich nicht verfassen. Versuch es noch einmal, oder schreib sie selbst.
captions-problem = Einige Beschreibungen ließen sich nicht verfassen: { $problem }
caption-empty = Die Beschreibung ist leer. Schreib, was auf dem Bild zu sehen ist, oder überspring es.
caption-too-long = Diese Beschreibung hat { $length } Zeichen; höchstens { $max } werden verwendet. Kürze sie und schick sie noch einmal.
template-intro = Schreib ein einziges Wort für das, was es ist, etwa „Katze“ oder „Haus“. Jedes Bild ohne Beschreibung bekommt dann „{ $trigger }“ und dieses Wort.
template-hint = Ein Wort, zum Beispiel Katze

bulk-title = Alle Beschreibungen ändern
bulk-intro = Füll aus, was du brauchst, und lass den Rest leer. Es gilt für jede Beschreibung und lässt sich rückgängig machen.
bulk-find = Ersetzen
bulk-find-hint = Buchstabe für Buchstabe, wo immer es steht
bulk-replace = Durch
bulk-replace-hint = Leer nimmt es heraus
bulk-before = Davor setzen
bulk-before-hint = An den Anfang jeder Beschreibung
bulk-after = Dahinter setzen
bulk-after-hint = Ans Ende jeder Beschreibung
bulk-submit = Ändern
bulk-done = { $count ->
    [one] Eine Beschreibung wurde geändert.
   *[other] { $count } Beschreibungen wurden geändert.
  }
bulk-undone = Die Beschreibungen sind wieder wie vorher.
bulk-nothing = Es ist nichts ausgefüllt. Sag, was ersetzt werden soll oder was vor oder hinter jede Beschreibung kommt.
bulk-not-found = „{ $find }“ steht in keiner Beschreibung. Achte auf Groß- und Kleinschreibung.
bulk-too-long = Die Beschreibung von Bild { $slot } hätte { $length } Zeichen; höchstens { $max } werden benutzt. Es wurde nichts geändert.

settings-intro = Wie gründlich soll trainiert werden?
settings-continue = Weiter
settings-advanced = Von Hand
settings-engine-gone = Das Trainingsprogramm dafür gibt es hier nicht mehr. Wähle noch einmal eine Vorgabe, oder frag die Betreiber dieses Bots.
settings-steps = { $steps }
settings-rank = { NUMBER($rank, useGrouping: "false") }, Alpha { NUMBER($alpha, useGrouping: "false") }
settings-range = { $min } bis { $max }
settings-not-a-number = { $setting }: Das ist keine Zahl. Schreib eine, zum Beispiel 16 oder 0,0005.
settings-out-of-range = { $setting }: Der Wert muss zwischen { $min } und { $max } liegen. Ändere ihn und schick alles noch einmal.
advanced-title = Einstellungen von Hand
advanced-intro = Lass so, wobei du dir nicht sicher bist.
advanced-submit = Diese nehmen
setting-steps = Schritte
setting-rank = Rang
setting-alpha = Alpha
setting-learning-rate = Lernrate
setting-resolution = Auflösung
setting-seed = Startwert
preset-quick = Schnell
preset-balanced = Ausgewogen
preset-thorough = Gründlich
preset-custom = Von Hand
preset-hint = { $steps } Schritte, etwa { $time }
preset-hint-steps = { $steps } Schritte

field-engine = Trainiert mit
field-base = Grundmodell
field-preset = Vorgabe
field-status = Stand
field-trigger = Auslösewort
field-pictures = Bilder
field-settings = Einstellungen
field-version = Version
field-file = Datei
field-size = Größe
field-caption = Beschreibung
field-changed = Geändert

status-draft = noch nicht trainiert
status-trained = Version { $version } ist fertig
status-training = Version { $version } wird trainiert
overview-settings = { $preset }, { $steps } Schritte
overview-open = Übersicht
overview-watch = Dem Training zusehen
overview-review = Prüfen und trainieren
overview-images = Bilder
overview-captions = Beschreibungen
overview-settings-button = Einstellungen
overview-trigger = Auslösewort
overview-pack = Bilder herunterladen
overview-packing = Die Bilder werden gepackt …
overview-packed = Die Bilder mit ihren Beschreibungen, einen Tag lang aufgehoben:

review-intro = Das wird trainiert.
review-version = { $version }
review-version-after = { $version }, nach { $parent }
review-few = { $count } Bilder genügen; mit { $better } oder mehr wird es besser.
review-fused = „{ $word }“ steht in { $percent } % der Beschreibungen: Vielleicht bedeutet es am Ende dasselbe wie das Auslösewort.
review-fused-certain = „{ $word }“ steht in { $percent } % der Beschreibungen: Es wird dasselbe bedeuten wie das Auslösewort. Lass es in den meisten weg.
review-settings = Die Einstellung „{ $setting }“ passt hier nicht mehr. Wähle die Einstellungen noch einmal.
review-start = Training starten
estimate-time = Dauer
estimate-cost = Kosten
estimate-about = etwa { $time }
estimate-free = keine; es läuft auf diesem Rechner

run-title-training = { $name } { $version }: Training läuft
run-title-done = { $name } { $version } ist fertig
run-title-failed = { $name } { $version } wurde nicht trainiert
run-title-cancelled = { $name } { $version } wurde angehalten
run-starting = Es geht los …
run-queued = { $ahead ->
    [0] Als Nächstes an der Reihe
    [one] In der Warteschlange, ein Training ist noch davor
   *[other] In der Warteschlange, { $ahead } Trainings sind noch davor
  }
run-preparing = Wird vorbereitet
run-collecting = Die Datei wird geholt
run-step = Schritt { $step } von { $total }
run-step-left = Schritt { $step } von { $total }, noch etwa { $left }
run-loss = Verlust
run-loss-steps = Schritte
run-sample = Schritt { $step }
run-leave = Du kannst gehen; es läuft weiter, und du erfährst, wenn es fertig ist.
run-done = Das Training ist fertig. Hier ist die Datei.
run-use-before = So verwendest du es: Lade die Datei und schreib das Auslösewort in den Prompt:{" "}
run-use-after = .
run-cancelled = Es wurde angehalten, bevor es etwas aufzuheben gab.
run-cancelled-kept = Es wurde bei Schritt { $step } angehalten; das hier hatte es bis dahin gelernt.
run-failure-engine = Das Training ist gescheitert. Versuch es noch einmal; scheitert es wieder, wähle andere Einstellungen.
run-failure-interrupted = Das Training wurde unterbrochen und konnte nicht dort weitermachen, wo es war. Bilder, Beschreibungen und Einstellungen sind alle noch da: Versuch es noch einmal.
run-failure-no-space = Auf diesem Server war kein Platz mehr. Bitte die Betreiber, Platz zu schaffen, und versuch es dann noch einmal.
run-failure-pictures = Einige der Bilder ließen sich nicht mehr lesen. Öffne das LoRA, ersetze sie und versuch es noch einmal.
run-failure-unknown-engine = Das Trainingsprogramm dafür gibt es in diesem Bot nicht mehr. Wähle die Einstellungen noch einmal.
run-failure-detail = Das sagte das Trainingsprogramm dazu: { $detail }
run-stop = Training anhalten
run-stop-question = Dieses Training anhalten? Was es bis jetzt gelernt hat, bleibt als Datei erhalten.
run-stop-proceed = Anhalten
run-stop-keep = Weiterlaufen lassen
run-stopping = Es wird angehalten …
run-not-done = Das ist bei den Trainings nicht angekommen: Dieser Bot kommt nicht an seine Daten. Versuch es gleich noch einmal.
run-active = Es wird schon trainiert; das hier ist dieses Training.
run-again = Neue Version trainieren
run-again-failed = Noch einmal versuchen
run-again-cancelled = Noch einmal trainieren
run-overview = Das LoRA öffnen
run-ended-done = { $name } { $version } ist fertig. Du findest es unter „Meine LoRAs“.
run-ended-failed = { $name } { $version } konnte nicht trainiert werden. Den Grund findest du unter „Trainings“.
run-ended-cancelled = { $name } { $version } wurde angehalten.

runs-title = Trainings
runs-empty = Noch wurde nichts trainiert. Ein Training steht hier, während es läuft, mit Verlust und Probebildern, und bleibt hier mit seiner Datei.
runs-queued = in der Warteschlange, eingereiht { $ago }
runs-running = läuft, Schritt { $step } von { $total }
runs-done = fertig { $ago }
runs-failed = gescheitert { $ago }
runs-cancelled = angehalten { $ago }

library-title = Meine LoRAs
library-unknown = Es gibt kein LoRA namens „{ $name }“. Wähle eines von diesen.
library-empty = Du hast noch kein LoRA. Gib einem einen Namen und schick ein paar Bilder von einer Person, einem Tier, einem Ding oder einem Stil; ist es trainiert, liegt seine Datei hier.
library-line-draft = { $pictures ->
    [one] { $pictures } Bild
   *[other] { $pictures } Bilder
  }, noch nicht trainiert, geändert { $ago }
library-line-version = { $pictures ->
    [one] { $pictures } Bild
   *[other] { $pictures } Bilder
  }, Version { $version }, geändert { $ago }
library-line-training = { $pictures ->
    [one] { $pictures } Bild
   *[other] { $pictures } Bilder
  }, wird gerade trainiert
library-no-versions = Es gibt noch keine Datei: Öffne es und trainiere es.
library-version = Version { $version }: { $steps } Schritte, { $ago }
library-version-stopped = Version { $version }, angehalten nach { $steps } Schritten, { $ago }
library-training = Es wird gerade trainiert. Seine Bilder bleiben bis zum Ende des Trainings, wie sie sind.
library-edit = Öffnen
library-new-version = Neue Version trainieren
library-rename = Umbenennen
library-renamed = Es heißt jetzt „{ $name }“.
library-delete = Löschen
library-delete-question = „{ $name }“ mit allen Bildern, Beschreibungen und Dateien löschen? Das lässt sich nicht rückgängig machen.
library-delete-proceed = Löschen
library-delete-keep = Behalten
library-deleted = „{ $name }“ wurde gelöscht.
library-delete-training = Es wird gerade trainiert. Halte das Training erst an, oder warte sein Ende ab; dann kannst du es löschen.
library-busy = Es wird gerade in { $holder }, bearbeitet. Verlass es zuerst dort und versuch es dann noch einmal.
rename-intro = Schreib den neuen Namen. Dateien von früher behalten ihren.

link-title = Ein Konto auf mehreren Plattformen
link-intro = Verbinde die Chats, die du auf verschiedenen Plattformen mit mir hast: Deine LoRAs, Trainings und die Sprache sind dann in allen dieselben. Hol dir hier einen Code und gib ihn dort ein, oder umgekehrt.
link-ask = Einen Code holen
link-hint = Ein Code von der anderen Plattform
link-code-label = Dein Code
link-code = Schreib mir auf der anderen Plattform privat und gib dort /link { $code } ein. Er gilt einmal, noch { $left }. Wer ihn eingibt, teilt deine LoRAs: Gib ihn niemandem.
link-waiting = Einen Moment …
link-here = dieser Chat
link-there = verbunden
link-odd = Das ist kein Code. Ein Code hat acht Buchstaben und Ziffern, etwa 7K3M-9QTX; /link auf der anderen Plattform gibt dir einen.
link-joined = { $loras ->
    [0] Du bist jetzt mit { $platform } verbunden. Was du hier machst, ist auch dort.
    [one] Du bist jetzt mit { $platform } verbunden: Ein LoRA gehört dir an beiden Orten.
   *[other] Du bist jetzt mit { $platform } verbunden: { $loras } LoRAs gehören dir an beiden Orten.
  }
link-wrong = { $left ->
    [0] Diesen Code gibt es nicht, oder er gilt nicht mehr. Das waren zu viele falsche: Warte eine Viertelstunde und hol dir dann mit /link auf der anderen Plattform einen neuen.
    [one] Diesen Code gibt es nicht, oder er gilt nicht mehr. Hol dir mit /link auf der anderen Plattform einen neuen; noch ein Versuch.
   *[other] Diesen Code gibt es nicht, oder er gilt nicht mehr. Hol dir mit /link auf der anderen Plattform einen neuen; noch { $left } Versuche.
  }
link-wait = Das waren zu viele falsche Codes. Versuch es in { $left } noch einmal, mit einem neuen Code von der anderen Plattform.
link-own = Das ist dein eigener Code. Gib ihn auf der anderen Plattform ein, privat.
link-already = Damit bist du schon verbunden: Es gibt nichts zu tun.
link-full = Ein Konto verbindet höchstens { $most }. Nutze { $sign }unlink, wo du es am wenigsten brauchst, und versuch es dann noch einmal.
link-parted = Dieser Chat steht jetzt für sich. Was du hier gemacht hast, ist noch hier.
link-private = Das geht nur, wo niemand mitliest: Schreib mir privat und nutze dort { $sign }link oder { $sign }unlink.
link-spoilt = Diesen Code konnten andere lesen, er gilt deshalb nicht mehr. Hol dir privat einen neuen.
link-told-joined = Du bist jetzt mit { $platform } verbunden: LoRAs, Trainings und Sprache sind gemeinsam. Wenn du das nicht warst, nutze { $sign }unlink.
link-told-parted = Du bist nicht mehr mit { $platform } verbunden.
link-not-done = Das ging gerade nicht, und nichts wurde geändert. Versuch es gleich noch einmal.
unlink-title = Für sich stehen
unlink-intro = Dieser Chat hätte wieder nur, was hier gemacht wurde. Gelöscht wird nichts, weder hier noch dort.
unlink-alone = Dieser Chat steht für sich: Er ist mit keinem anderen verbunden. Mit { $sign }link verbindest du einen.
unlink-part = Diesen Chat trennen
unlink-question = Diesen Chat von den anderen trennen? Jeder behält, was dort gemacht wurde.
unlink-proceed = Trennen
unlink-keep = Verbunden bleiben
