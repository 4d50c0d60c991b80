// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Rotation;

/// <summary>How many clients there are.</summary>
internal sealed record FleetSize(int Kept, int Fresh, int Watches);

/// <summary>
/// Clients that ask all the time: some on connections that they keep, some on a new one each time, some that watch. Every other
/// one speaks HTTP/2; of each, every other one has a certificate, the rest tokens. No request is ever repeated.
/// </summary>
internal sealed class Fleet : IAsyncDisposable
{
    private const string Beat = "/api/v1/namespaces/default/configmaps/beat";
    private static readonly TimeSpan KeptPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FreshPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BeatPause = TimeSpan.FromMilliseconds(150);

    private readonly FleetTarget _target;
    private readonly FleetSize _size;
    private readonly Func<FleetIdentity> _byCertificate;
    private readonly FleetIdentity _byToken;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly ConcurrentDictionary<string, int> _ages = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _generations = new(StringComparer.Ordinal);
    private int _youngest;

    /// <param name="target">The server.</param>
    /// <param name="size">How many.</param>
    /// <param name="token">The token of those that have one.</param>
    /// <param name="byCertificate">What those with certificates come with now.</param>
    public Fleet(FleetTarget target, FleetSize size, string token, Func<FleetIdentity> byCertificate)
    {
        (_target, _size, _byToken, _byCertificate) = (target, size, new FleetIdentity(0, token, null), byCertificate);
    }

    public FleetTally Tally { get; } = new();

    /// <summary>Starts all, and waits until each has been answered.</summary>
    public async Task StartAsync()
    {
        using var writer = _target.Client(_byToken, HttpVersion.Version20, () => { });
        var created = await PutBeatAsync(writer, HttpMethod.Post, Beat[..Beat.LastIndexOf('/')], 0);
        _running.Add(WriteAsync());
        for (var i = 0; i < _size.Watches; i++)
            _running.Add(WatchAsync($"watch {i}", i, created));
        for (var i = 0; i < _size.Kept; i++)
            _running.Add(AskOnKeptAsync($"kept {i}", i));
        for (var i = 0; i < _size.Fresh; i++)
            _running.Add(AskOnFreshAsync($"fresh {i}", i));
        while (_generations.Count < _size.Watches + _size.Kept + _size.Fresh)
            await BreatheAsync();
    }

    /// <summary>A handshake showed a certificate: from now on none may show one that is older.</summary>
    public void Confirm(int age, string thumbprint)
    {
        _ages[thumbprint] = age;
        Volatile.Write(ref _youngest, age);
    }

    /// <summary>A certificate that is about to be served.</summary>
    public void Expect(int age, string thumbprint) => _ages[thumbprint] = age;

    /// <summary>Waits until nobody comes with a certificate of an older generation any more.</summary>
    public async Task MovedAsync(int generation)
    {
        while (_generations.Any(one => one.Value >= 0 && one.Value < generation))
            await BreatheAsync();
    }

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

    private static Task BreatheAsync() => Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);

    private static Version VersionOf(int number) => number % 2 == 0 ? HttpVersion.Version11 : HttpVersion.Version20;

    private FleetIdentity IdentityOf(int number) => number / 2 % 2 == 0 ? _byToken : _byCertificate();

    private void Uses(string name, FleetIdentity identity) =>
        _generations[name] = identity.Certificate is null ? -1 : identity.Generation;

    private async Task AskOnKeptAsync(string name, int number)
    {
        var identity = IdentityOf(number);
        var client = _target.Client(identity, VersionOf(number), Tally.OpenedKept);
        while (!_stop.IsCancellationRequested)
        {
            if (IdentityOf(number) is var now && now != identity)
            {
                client.Dispose();
                client = _target.Client(identity = now, VersionOf(number), Tally.OpenedKept);
                Tally.MovedKept();
            }

            if (await AskAsync(name, client) is { } after)
                Tally.AnsweredKept(after);
            Uses(name, identity);
            await PauseAsync(KeptPause);
        }

        client.Dispose();
    }

    private async Task AskOnFreshAsync(string name, int number)
    {
        while (!_stop.IsCancellationRequested)
        {
            var (identity, youngest) = (IdentityOf(number), Volatile.Read(ref _youngest));
            using (var client = _target.Client(identity, VersionOf(number), () => { }, shown =>
            {
                if (!_ages.TryGetValue(shown.Thumbprint, out var age) || age < youngest)
                    Tally.ShownStale();
            }))
            {
                if (await AskAsync(name, client) is { } after)
                    Tally.AnsweredFresh(after);
            }

            Uses(name, identity);
            await PauseAsync(FreshPause);
        }
    }

    /// <summary>Asks once; answers how long it took, or null where it failed.</summary>
    private async Task<TimeSpan?> AskAsync(string name, HttpClient client)
    {
        var since = Stopwatch.GetTimestamp();
        try
        {
            using var answer = await client.GetAsync(Beat);
            if (answer.StatusCode == HttpStatusCode.OK)
                return Stopwatch.GetElapsedTime(since);
            Tally.HasFailed($"{name}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException)
        {
            Tally.HasFailed($"{name}: {fault.Message} {fault.InnerException?.Message}");
        }

        return null;
    }

    /// <summary>Follows the beat, of which no number may be missing; a watch whose client gets another certificate is opened anew.</summary>
    private async Task WatchAsync(string name, int number, (int Beat, string Revision) from)
    {
        var moved = true;
        while (!_stop.IsCancellationRequested)
        {
            var identity = IdentityOf(number);
            try
            {
                using var client = _target.Client(identity, VersionOf(number), Tally.OpenedWatch);
                using var answer = await client.GetAsync(
                    $"/api/v1/namespaces/default/configmaps?watch=1&fieldSelector=metadata.name%3Dbeat&timeoutSeconds=86400&resourceVersion={from.Revision}",
                    HttpCompletionOption.ResponseHeadersRead, _stop.Token);
                answer.EnsureSuccessStatusCode();
                using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(_stop.Token));
                Uses(name, identity);
                moved = false;
                while (!moved && await reader.ReadLineAsync(_stop.Token) is { } line)
                {
                    var next = BeatOf(JsonNode.Parse(line)?["object"]);
                    if (next.Beat != from.Beat + 1)
                        Tally.HasFailed($"{name}: {next.Beat} came after {from.Beat}: {line}");
                    from = next;
                    Tally.SawEvent();
                    moved = IdentityOf(number) != identity;
                }

                if (moved)
                    Tally.MovedWatch();
                else
                    Tally.DroppedWatch($"{name} ended");
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException)
            {
                Tally.DroppedWatch($"{name}: {fault.Message} {fault.InnerException?.Message}");
                await PauseAsync(BeatPause);
            }
        }
    }

    private async Task WriteAsync()
    {
        using var client = _target.Client(_byToken, HttpVersion.Version20, () => { });
        for (var beat = 1; !_stop.IsCancellationRequested; beat++)
        {
            try
            {
                await PutBeatAsync(client, HttpMethod.Patch, Beat, beat);
                Tally.Wrote();
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException)
            {
                Tally.HasFailed($"beat {beat}: {fault.Message} {fault.InnerException?.Message}");
            }

            await PauseAsync(BeatPause);
        }
    }

    private static async Task<(int Beat, string Revision)> PutBeatAsync(HttpClient client, HttpMethod method, string path, int beat)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
            Content = new StringContent(
                $$$"""{"metadata": {"name": "beat"}, "data": {"beat": "{{{beat}}}"} }""", Encoding.UTF8,
                method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json"),
        };
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"{(int)answer.StatusCode} {text}");
        return BeatOf(JsonNode.Parse(text));
    }

    private static (int Beat, string Revision) BeatOf(JsonNode? @object) =>
        int.TryParse(@object?["data"]?["beat"]?.GetValue<string>(), CultureInfo.InvariantCulture, out var beat)
            ? (beat, @object!["metadata"]!["resourceVersion"]!.GetValue<string>())
            : throw new IOException($"not a beat: {@object?.ToJsonString()}");

    private async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, TimeProvider.System, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The loop looks.
        }
    }
}
