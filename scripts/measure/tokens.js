// Counts tokens of o200k: reads a JSON array of texts and prints a JSON array of numbers.
import { readFileSync } from 'node:fs'

import { encode } from 'gpt-tokenizer/encoding/o200k_base'

// What a program printed may hold the names of special tokens, which are text here.
console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(text => encode(text, { disallowedSpecial: new Set() }).length)))
