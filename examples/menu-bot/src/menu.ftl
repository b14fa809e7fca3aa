menu-title = Main menu
menu-counter = Counter
menu-list = List
menu-name = Name
menu-settings = Settings
menu-about = About
menu-close = Close

counter-title = Counter: { $count }
counter-reset = Reset

list-title = List page { $page }/10
list-item = Item { $item }

item-title = Item { $item }: { $liked ->
    [yes] liked
   *[no] not liked
  }
item-like = Like

name-title = name?
name-cancel = Cancel
hello-title = Hello, { $name }!

settings-title = Settings: sound { $sound }
settings-sound = Sound: { $sound }

about-title = About...
closed-title = Closed

command-menu = Shows the menu
