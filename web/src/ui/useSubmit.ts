import { useState } from 'react'
import { complain } from '../api/problems'

/** A form that is sent: busy meanwhile, and what was wrong with it afterwards. */
export function useSubmit(send: (form: FormData) => Promise<unknown>) {
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const onSubmit = async (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError(undefined)
    try {
      await send(form)
    } catch (reason) {
      setError(reason)
      complain(reason)
    } finally {
      setBusy(false)
    }
  }
  return { onSubmit, busy, error }
}

export const text = (form: FormData, name: string): string => String(form.get(name) ?? '').trim()
