// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sealock.Acme.Jose;
using Sealock.Acme.Messages;

namespace Sealock.Acme.Client;

/// <summary>
/// One ACME server's functions (RFC 8555, RFC 9773), one request each. Keeps nothing but the directory and spare nonces, so that
/// any step can be taken by any process that has the account. May be used concurrently; keep one per server.
/// Whatever the server answers is a value; only cancellation is an exception.
/// </summary>
public sealed partial class AcmeClient
{
    private static readonly TimeSpan DirectoryKeptFor = TimeSpan.FromHours(1);

    private readonly TimeProvider _clock;
    private readonly AcmeTransport _transport;
    private volatile ReadDirectory? _directory;

    /// <summary>Takes the connection, which stays the caller's: see <see cref="AcmeHttp.CreateHandler"/>.</summary>
    /// <param name="directory">The URL of the server's directory; HTTPS.</param>
    /// <param name="http">How it is reached. Must not follow redirects.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="options">Limits and waits; null for the defaults.</param>
    /// <exception cref="ArgumentException">The URL is not HTTPS.</exception>
    public AcmeClient(Uri directory, HttpClient http, TimeProvider clock, AcmeClientOptions? options = null)
    {
        if (!AcmeUrl.TryParse(directory.AbsoluteUri, out _))
            throw new ArgumentException($"{directory} is not an HTTPS URL; ACME is spoken over HTTPS only", nameof(directory));
        DirectoryUrl = directory;
        _clock = clock;
        _transport = new(http, options ?? new(), clock);
    }

    /// <summary>The URL of the server's directory.</summary>
    public Uri DirectoryUrl { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Clock => _clock;

    /// <summary>The directory; one that was read within the last hour is not read again.</summary>
    public async Task<AcmeResult<AcmeDirectory>> GetDirectoryAsync(CancellationToken cancellationToken = default)
    {
        if (_directory is { } kept && _clock.GetUtcNow() - kept.At < DirectoryKeptFor)
            return AcmeResult<AcmeDirectory>.Of(kept.Directory);
        var (answer, failure) = await _transport.GetAsync(DirectoryUrl, "its directory", cancellationToken);
        if (answer is null)
            return AcmeResult<AcmeDirectory>.Failed(failure!);
        if (answer.Read(AcmeJson.Default.AcmeDirectory) is not { } directory || !AcmeUrl.TryParse(directory.NewNonce, out _))
        {
            return AcmeResult<AcmeDirectory>.Failed(new(
                AcmeFailureKind.Malformed, $"{DirectoryUrl} is no ACME directory; name the URL of the server's directory"));
        }

        _directory = new(directory, _clock.GetUtcNow());
        return AcmeResult<AcmeDirectory>.Of(directory);
    }

    private sealed record ReadDirectory(AcmeDirectory Directory, DateTimeOffset At);

    /// <summary>A function's URL of the directory.</summary>
    private async Task<(AcmeDirectory? Directory, Uri? Url, AcmeFailure? Failure)> FindAsync(
        Func<AcmeDirectory, string> function, string name, CancellationToken cancellationToken)
    {
        var directory = await GetDirectoryAsync(cancellationToken);
        if (!directory.IsOk)
            return (null, null, directory.Failure);
        return AcmeUrl.TryParse(function(directory.Value), out var url)
            ? (directory.Value, url, null)
            : (directory.Value, null, new(AcmeFailureKind.NotOffered, $"{DirectoryUrl.Authority} does not offer {name}"));
    }

    /// <summary>Sends as an account; the payload is empty for a POST-as-GET.</summary>
    private Task<AcmeTransport.Outcome> PostAsync(
        AcmeAccount account, string url, ReadOnlyMemory<byte> payload, string what, bool mayRepeat, CancellationToken cancellationToken,
        string? accept = null) => AcmeUrl.TryParse(url, out var target)
            ? PostAsync(account, target, payload, what, mayRepeat, cancellationToken, accept)
            : Task.FromResult(NoUrl(url, what));

    private Task<AcmeTransport.Outcome> PostAsync(
        AcmeAccount account, Uri url, ReadOnlyMemory<byte> payload, string what, bool mayRepeat, CancellationToken cancellationToken,
        string? accept = null, bool inTurn = false) => SendAsync(
            url,
            nonce => Jws.Sign(
                account.Key.Signer, JwsHeader.Write(account.Key.Algorithm, jwk: null, account.Url, nonce, url.AbsoluteUri), payload.Span),
            what, mayRepeat, cancellationToken, accept, inTurn);

    private async Task<AcmeTransport.Outcome> SendAsync(
        Uri url, Func<string, byte[]> sign, string what, bool mayRepeat, CancellationToken cancellationToken, string? accept = null, bool inTurn = false)
    {
        var (_, newNonce, failure) = await FindAsync(d => d.NewNonce, "nonces", cancellationToken);
        return newNonce is null
            ? new(null, failure)
            : await _transport.PostAsync(url, newNonce, sign, what, mayRepeat, accept, cancellationToken, inTurn);
    }

    /// <summary>The value in an answer, where it is one and sound.</summary>
    private static AcmeResult<T> Read<T>(AcmeTransport.Outcome outcome, JsonTypeInfo<T> type, string what, Func<T, AcmeAnswer, T?> finish)
        where T : class
    {
        if (outcome.Answer is not { } answer)
            return AcmeResult<T>.Failed(outcome.Failure!);
        return answer.Read(type) is { } value && finish(value, answer) is { } finished
            ? AcmeResult<T>.Of(finished, answer.RetryAt)
            : AcmeResult<T>.Failed(new(AcmeFailureKind.Malformed, $"{answer.Url.Authority} answered {what} with something else (HTTP status {answer.Status})")
            {
                Status = answer.Status,
            });
    }

    private static byte[] Payload<T>(T payload, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(payload, type);

    [SuppressMessage("Design", "CA1055", Justification = "ACME's messages name URLs as text")]
    private static AcmeTransport.Outcome NoUrl(string url, string what) =>
        new(null, new(AcmeFailureKind.Malformed, url.Length == 0 ? $"there is no URL for {what}" : $"'{url}' is no HTTPS URL, for {what}"));
}
