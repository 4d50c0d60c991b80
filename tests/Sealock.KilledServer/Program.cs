// SPDX-License-Identifier: Apache-2.0
// Sealock.KilledServer FILE STEPS FLAGS…
// Serves as `sealock server FLAGS` does, and ends as by `kill -9` when issuance comes to one of the STEPS (separated by commas;
// * for all) for the first time: FILE names those that were come to before.
using System.Diagnostics;
using Sealock.Commands;
using Sealock.Hosting;

var (file, steps) = (args[0], args[1].Split(','));
var gate = new Lock();
var (settings, _) = ServerCommand.Read(args[2..]);
await ServerRun.ServeAsync(settings with { FaultPoint = At }, Console.Out, CancellationToken.None);

void At(string step)
{
    if (!steps.Contains(step) && !steps.Contains("*"))
        return;
    lock (gate)
    {
        if (File.Exists(file) && File.ReadAllLines(file).Contains(step))
            return;
        File.AppendAllText(file, step + "\n");
        using var self = Process.GetCurrentProcess();
        self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
