def exact(text):
    return ("exactly", text)
