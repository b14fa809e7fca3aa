# Was das Gespräch selbst sagt, wofür auch immer der Bot da ist.

# Wie diese Sprache sich selbst nennt.
dialog-language-name = Deutsch
dialog-language-set = Ab jetzt spreche ich Deutsch.
dialog-language-unknown = „{ $typed }“ spreche ich nicht. Ich spreche: { $languages }.

dialog-back = Zurück
dialog-skip = Überspringen
dialog-home = Hauptmenü
dialog-stale = Dieser Knopf gehört zu einer früheren Ansicht. Das hier ist die aktuelle.
dialog-forgotten = Ich weiß nicht mehr, wo wir waren: Es ist zu lange her, oder mein Gedächtnis ist verloren gegangen. Was gespeichert war, ist noch da; öffne es über das Menü.
dialog-cancelled = Hier ist Schluss. Was du hattest, ist gespeichert.
dialog-nothing-to-cancel = Es gibt gerade nichts abzubrechen. Wähle, wie es weitergehen soll.
dialog-unknown-command = Den Befehl „{ $typed }“ kenne ich nicht. Mit { $sign }help siehst du, welche es gibt.
dialog-not-allowed = Der Befehl „{ $command }“ ist den Betreibern dieses Bots vorbehalten. Frag sie.
dialog-argument-missing = Nach „{ $sign }{ $command }“ fehlt noch etwas. Mit { $sign }help siehst du, was.
dialog-argument-number = Nach „{ $sign }{ $command }“ kommt eine ganze Zahl, nicht „{ $typed }“. Versuch es noch einmal mit einer Zahl.
dialog-restarted = Dieser Bot wurde erneuert und kann dort nicht weitermachen. Was gespeichert war, ist noch da; öffne es über das Menü.
dialog-fault = In diesem Bot stimmt etwas nicht, und das hat nicht geklappt. Verloren ist nichts. Versuch es auf einem anderen Weg und sag den Betreibern Bescheid.
dialog-apology = Das hat nicht geklappt, und nichts wurde geändert. Versuch es gleich noch einmal.

flow-expected = { $expected ->
    [text] { $got ->
        [media] Bitte schreib etwas; mit einer Datei geht es hier nicht.
       *[other] Bitte schreib etwas.
      }
    [media] Bitte schick hier Bilder.
    [form] Bitte füll das Formular aus.
    [text-media] Bitte schreib etwas oder schick Bilder.
    [text-form] Bitte schreib etwas oder füll das Formular aus.
    [media-form] Bitte schick Bilder oder füll das Formular aus.
    [text-media-form] Bitte schreib etwas, schick Bilder oder füll das Formular aus.
   *[other] Bitte nimm die Knöpfe hier.
  }
flow-unreadable = Dieser Knopf passt nicht mehr. Nimm die, die du hier siehst.
flow-no-back = Weiter zurück geht es nicht. Nimm die Knöpfe, die du hier siehst.
flow-no-skip = Das lässt sich nicht überspringen. Nimm die Knöpfe, die du hier siehst.
flow-no-jump = Von hier aus kommst du dort nicht hin. Nimm die Knöpfe, die du hier siehst.
