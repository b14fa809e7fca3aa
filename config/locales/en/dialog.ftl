# What the conversation itself says, whatever the bot is for.

# What this language calls itself.
dialog-language-name = English
dialog-language-set = I speak English from now on.
dialog-language-unknown = I do not speak “{ $typed }”. I speak: { $languages }.

dialog-back = Back
dialog-skip = Skip
dialog-home = Main menu
dialog-stale = That button belongs to an earlier screen. This is the current one.
dialog-forgotten = I no longer know where we were: it was too long ago, or my memory of it was lost. Saved work is still here; open it from the menu.
dialog-cancelled = Stopped here. What you had is saved.
dialog-nothing-to-cancel = There is nothing to stop. Choose what to do next.
dialog-unknown-command = I do not know the command “{ $typed }”. Try { $sign }help for the ones there are.
dialog-not-allowed = The command “{ $command }” is for operators of this bot. Ask whoever runs it.
dialog-argument-missing = “{ $sign }{ $command }” needs something after it. Try { $sign }help to see what.
dialog-argument-number = “{ $sign }{ $command }” takes a whole number, not “{ $typed }”. Type it again with a number.
dialog-restarted = This bot was updated and cannot go on from there. Saved work is still here; open it from the menu.
dialog-fault = Something is wrong in this bot, and that did not work. Nothing was lost. Try another way, and tell whoever runs it.
dialog-apology = That did not work, and nothing was changed. Try again in a moment.

flow-expected = { $expected ->
    [text] { $got ->
        [media] Please type a message; a file cannot be used here.
       *[other] Please type a message.
      }
    [media] Please send pictures here.
    [form] Please fill in the form.
    [text-media] Please type a message or send pictures.
    [text-form] Please type a message or fill in the form.
    [media-form] Please send pictures or fill in the form.
    [text-media-form] Please type a message, send pictures or fill in the form.
   *[other] Please use the buttons here.
  }
flow-unreadable = That button does not fit any more. Use the ones shown here.
flow-no-back = There is nothing to go back to. Use the buttons shown here.
flow-no-skip = This cannot be skipped. Use the buttons shown here.
flow-no-jump = It is not possible to go there from here. Use the buttons shown here.
