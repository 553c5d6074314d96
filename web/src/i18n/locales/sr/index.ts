import { auth } from './auth'
import { common } from './common'
import { groups } from './groups'
import { problems } from './problems'
import { profile } from './profile'
import { run } from './run'
import { shopping } from './shopping'

export const sr = { ...common, ...problems, ...auth, ...groups, ...run, ...shopping, ...profile }
