// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.EndToEnd.Trust;

/// <summary>Clients that ask with what their Secrets hold, each request on a connection of its own, and never a second time.</summary>
internal sealed class ClientLoops : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _failures = [];
    private readonly List<Task> _running = [];
    private int _requests;

    public ClientLoops(IReadOnlyList<string> names, string folder, Func<string, Task<HeldCertificate?>> read, string portFile)
    {
        var port = File.ReadAllText(portFile);
        foreach (var name in names)
            _running.Add(Task.Run(() => RunAsync(name, Directory.CreateDirectory(Path.Combine(folder, name)).FullName, read, port)));
    }

    public IReadOnlyList<string> Failures
    {
        get
        {
            lock (_failures)
                return [.. _failures];
        }
    }

    /// <summary>How many requests were made.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(string name, string folder, Func<string, Task<HeldCertificate?>> read, string port)
    {
        while (!_stop.IsCancellationRequested)
        {
            var held = await read(name) ?? throw new InvalidOperationException($"the Secret {name} is empty");
            var (chain, key, trusted) = (Path.Combine(folder, "tls.crt"), Path.Combine(folder, "tls.key"), Path.Combine(folder, "ca.crt"));
            await File.WriteAllTextAsync(chain, held.ChainPem);
            await File.WriteAllTextAsync(key, held.KeyPem);
            await File.WriteAllTextAsync(trusted, held.TrustedPem);
            var answer = await Tool.RunAsync(
                "curl", ["-sS", "--fail", "--max-time", "20", "--cacert", trusted, "--cert", chain, "--key", key, $"https://127.0.0.1:{port}/"]);
            Interlocked.Increment(ref _requests);
            if (answer.ExitCode != 0)
            {
                lock (_failures)
                {
                    _failures.Add(string.Create(
                        CultureInfo.InvariantCulture, $"{DateTimeOffset.UtcNow:HH:mm:ss.fff} {name} ({held.Trusted.Count} CAs): {answer.Errors.Trim()}"));
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }
}
