// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Sealock.Acme.Challenges;
using Sealock.Acme.Messages;

namespace Sealock.Acme.Solvers;

/// <summary>Answers HTTP-01 challenges over plain HTTP; everything else is redirected to HTTPS.</summary>
public sealed class Http01Listener : IChallengeSolver, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly SolverListener _listener;

    private Http01Listener(IPEndPoint address, TimeProvider clock) => _listener = SolverListener.Start(address, ServeAsync, clock);

    /// <inheritdoc/>
    public string Type => ChallengeTypes.Http01;

    /// <summary>Where it listens. CAs come to port 80 only: another must be forwarded from there.</summary>
    public IPEndPoint Address => _listener.Address;

    /// <summary>Begins to listen.</summary>
    /// <param name="address">Where; <see cref="IPAddress.IPv6Any"/> for every address of the machine. Port 0 for a free one.</param>
    /// <param name="clock">Limits how long a connection may take.</param>
    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public static Http01Listener Start(IPEndPoint address, TimeProvider clock) => new(address, clock);

    /// <inheritdoc/>
    public Task<string?> PresentAsync(ChallengeTask task, CancellationToken cancellationToken)
    {
        var answer = Http01Answer.Create(task.Key, task.Challenge);
        _answers[answer.Path] = answer.Body;
        return Task.FromResult<string?>(null);
    }

    /// <inheritdoc/>
    public Task<string?> CleanUpAsync(ChallengeTask task, CancellationToken cancellationToken)
    {
        _answers.TryRemove(Http01Answer.Create(task.Key, task.Challenge).Path, out _);
        return Task.FromResult<string?>(null);
    }

    /// <summary>Stops listening.</summary>
    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[PlainHttp.LongestHead];
        var length = 0;
        while (!PlainHttp.IsComplete(head.AsSpan(0, length)))
        {
            var read = length < head.Length ? await stream.ReadAsync(head.AsMemory(length), cancellationToken) : 0;
            if (read == 0)
                return;
            length += read;
        }

        await stream.WriteAsync(PlainHttp.Answer(head.AsSpan(0, length), path => _answers.GetValueOrDefault(path)), cancellationToken);
    }
}
