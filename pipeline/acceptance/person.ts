/**
 * Who makes a statement.
 *
 * @module
 */

/**
 * The person at the keyboard, as git knows them; else the account's name at the host's.
 *
 * @param env Where `USER` is looked up (default: the environment).
 */
export async function personHere(
  env: (name: string) => string | undefined = (name) => Deno.env.get(name),
): Promise<string> {
  const [name, email] = await Promise.all([gitSetting("user.name"), gitSetting("user.email")]);
  if (name !== undefined) return email === undefined ? name : `${name} <${email}>`;
  return email ?? `${env("USER") ?? env("LOGNAME") ?? "someone"}@${Deno.hostname()}`;
}

async function gitSetting(name: string): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["config", "--get", name],
      stdin: "null",
      stderr: "null",
    }).output();
    const value = new TextDecoder().decode(stdout).trim();
    return success && value !== "" ? value : undefined;
  } catch {
    return undefined;
  }
}
