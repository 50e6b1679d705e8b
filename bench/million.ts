export async function million(): Promise<void> {}
