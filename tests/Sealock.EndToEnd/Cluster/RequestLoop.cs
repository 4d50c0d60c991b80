// SPDX-License-Identifier: Apache-2.0

namespace Sealock.EndToEnd.Cluster;

/// <summary>
/// A client that asks again and again, each time as a new process with a new connection. A request has failed when its
/// last try has; how often a try was not the last is counted, too.
/// </summary>
internal sealed class RequestLoop : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _failures = [];
    private readonly Task _run;

    private RequestLoop(string name, int tries, Func<int, Task<ToolResult>> ask)
    {
        Name = name;
        _run = Task.Run(() => RunAsync(tries, ask));
    }

    public string Name { get; }

    public int Requests { get; private set; }

    public int Repeated { get; private set; }

    public IReadOnlyList<string> Failures => _failures;

    /// <param name="name">In reports.</param>
    /// <param name="tries">How often a request is tried.</param>
    /// <param name="ask">One try; gets the request's number.</param>
    public static RequestLoop Start(string name, int tries, Func<int, Task<ToolResult>> ask) => new(name, tries, ask);

    /// <summary>Ends it after the request under way.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(int tries, Func<int, Task<ToolResult>> ask)
    {
        while (!_stop.IsCancellationRequested)
        {
            Requests++;
            var answer = await ask(Requests);
            for (var i = 1; i < tries && answer.ExitCode != 0; i++)
            {
                Repeated++;
                answer = await ask(Requests);
            }

            if (answer.ExitCode != 0)
                _failures.Add($"{DateTimeOffset.UtcNow:HH:mm:ss.fff} {Name}, request {Requests}: {answer.Errors.Trim()} {answer.Output.Trim()}");
            // Between requests others get the processor.
            await Task.Delay(50);
        }
    }
}

/// <summary>Clients that run at the same time, and what they have counted since the beginning.</summary>
internal sealed class RequestLoops : IAsyncDisposable
{
    private readonly List<RequestLoop> _running = [];
    private readonly Dictionary<string, (int Requests, int Repeated, int Failed)> _counts = [];
    private readonly List<string> _failures = [];

    public IReadOnlyList<string> Failures => _failures;

    public void Start(string name, int tries, Func<int, Task<ToolResult>> ask) => _running.Add(RequestLoop.Start(name, tries, ask));

    /// <summary>Ends the clients whose name begins so.</summary>
    public async Task StopAsync(string prefix = "")
    {
        foreach (var loop in _running.Where(loop => loop.Name.StartsWith(prefix, StringComparison.Ordinal)).ToList())
        {
            await loop.StopAsync();
            _running.Remove(loop);
            var (requests, repeated, failed) = _counts.GetValueOrDefault(loop.Name);
            _counts[loop.Name] = (requests + loop.Requests, repeated + loop.Repeated, failed + loop.Failures.Count);
            _failures.AddRange(loop.Failures);
            await loop.DisposeAsync();
        }
    }

    public string Describe() => string.Join('\n', _counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair =>
        $"{pair.Key}: {pair.Value.Requests} requests, {pair.Value.Failed} failed, {pair.Value.Repeated} tries repeated at another member").Concat(_failures));

    public async ValueTask DisposeAsync() => await StopAsync();
}
