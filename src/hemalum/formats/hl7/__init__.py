"""HL7 v2: messages between hospital systems, read and written without a server.

`message` is the text of a message: segments, fields, escapes; `charsets` the bytes of it; `mllp` how it goes
over a line. `reading` takes patients and orders out of a message, `acknowledging` answers it, `reporting`
writes reports. What is written is v2.5.1; any 2.x is read, since what is needed here did not change.

    message = parse(decode(content).text)
    patient = read_patient(message)

Standard: HL7 v2.5.1 (ANSI/HL7 V2.5.1-2007), chapters 2 (control), 3 (patients), 4 (orders), 7 (observations),
9 (documents); MLLP release 1.
"""
