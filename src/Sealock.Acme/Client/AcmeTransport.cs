// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Security.Authentication;
using Sealock.Acme.Messages;

namespace Sealock.Acme.Client;

/// <summary>
/// Sends requests and reads answers within limits: nonces are kept and renewed, short waits that the server asks for are
/// waited, long ones are told.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "a semaphore without a wait handle holds nothing")]
internal sealed class AcmeTransport(HttpClient http, AcmeClientOptions options, TimeProvider clock)
{
    private const string JoseJson = "application/jose+json";

    private readonly NoncePool _nonces = new(clock);
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>The outcome of one call: an answer that is a success, or a failure.</summary>
    internal readonly record struct Outcome(AcmeAnswer? Answer, AcmeFailure? Failure);

    /// <summary>Reads without a signature: directories, suggested renewal times.</summary>
    public Task<Outcome> GetAsync(Uri url, string what, CancellationToken cancellationToken) =>
        RunAsync(_ => new(HttpMethod.Get, url), newNonce: null, what, mayRepeat: true, new() { Left = options.WaitBudget }, cancellationToken);

    /// <summary>Sends a signed request.</summary>
    /// <param name="url">Where to.</param>
    /// <param name="newNonce">Where nonces are to be had.</param>
    /// <param name="sign">Makes the body for a nonce.</param>
    /// <param name="what">What is asked for, for messages.</param>
    /// <param name="mayRepeat">Whether it does no harm to send it again when it is not known what became of it.</param>
    /// <param name="accept">The media type that is wanted; null for JSON.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="inTurn">Whether no two such requests are under way at once; waits that the server asks for hold up no other.</param>
    public Task<Outcome> PostAsync(
        Uri url, Uri newNonce, Func<string, byte[]> sign, string what, bool mayRepeat, string? accept, CancellationToken cancellationToken,
        bool inTurn = false) => RunAsync(
            nonce => Post(url, sign(nonce), accept), newNonce, what, mayRepeat, new() { Left = options.WaitBudget, InTurn = inTurn }, cancellationToken);

    private async Task<Outcome> RunAsync(
        Func<string, HttpRequestMessage> make, Uri? newNonce, string what, bool mayRepeat, Patience patience, CancellationToken cancellationToken)
    {
        for (int nonceTries = 1, tries = 1; ;)
        {
            var (nonce, missing) = newNonce is null ? ("", null) : await NonceAsync(newNonce, patience, cancellationToken);
            if (nonce is null)
                return new(null, missing);
            var (answer, failure) = await ExchangeAsync(make(nonce), what, patience.InTurn, cancellationToken);
            if (failure is null)
                return new(answer, null);
            if (failure.Is(ProblemKinds.BadNonce))
            {
                if (newNonce is not null && nonceTries++ < options.NonceTries)
                    continue;
                return new(null, failure);
            }

            if (Waiting.Before(failure, tries, mayRepeat, clock.GetUtcNow(), options.Jitter()) is not { } wait || wait > patience.Left)
                return new(null, failure);
            patience.Left -= wait;
            await Task.Delay(wait, clock, cancellationToken);
            tries++;
        }
    }

    private async Task<(string? Nonce, AcmeFailure? Failure)> NonceAsync(Uri newNonce, Patience patience, CancellationToken cancellationToken)
    {
        if (_nonces.Take() is { } kept)
            return (kept, null);
        var (answer, failure) = await RunAsync(
            _ => new(HttpMethod.Head, newNonce), newNonce: null, "a nonce", mayRepeat: true, patience, cancellationToken);
        if (failure is not null)
            return (null, failure);
        return answer?.Nonce is { } fresh
            ? (fresh, null)
            : (null, new(AcmeFailureKind.Malformed, $"{newNonce.Authority} gave no nonce (no usable Replay-Nonce header)"));
    }

    private async Task<Outcome> ExchangeAsync(HttpRequestMessage request, string what, bool inTurn, CancellationToken cancellationToken)
    {
        if (!inTurn)
            return await ExchangeAsync(request, what, cancellationToken);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await ExchangeAsync(request, what, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<Outcome> ExchangeAsync(HttpRequestMessage request, string what, CancellationToken cancellationToken)
    {
        var url = request.RequestUri!;
        using var timeout = new CancellationTokenSource(options.Timeout, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using (request)
            {
                request.Headers.TryAddWithoutValidation("User-Agent", options.UserAgent);
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token);
                var nonce = NoncePool.Usable(First(response.Headers, "Replay-Nonce"));
                // What was asked for by HEAD belongs to the one who asked: from the pool another call could take it first.
                if (nonce is not null && request.Method != HttpMethod.Head)
                    _nonces.Put(nonce);
                if (await ReadAsync(response.Content, stop.Token) is not { } body)
                    return new(null, new(AcmeFailureKind.Malformed, $"{url.Authority} answered {what} with more than {options.MaxAnswer} bytes"));
                var answer = new AcmeAnswer(
                    url, (int)response.StatusCode, body, AcmeUrl.Resolve(url, First(response.Headers, "Location")),
                    response.Headers.TryGetValues("Link", out var links) ? [.. links] : [],
                    RetryAfter.Parse(First(response.Headers, "Retry-After"), clock.GetUtcNow()))
                { Nonce = nonce };
                return answer.IsSuccess ? new(answer, null) : new(null, answer.ToFailure(what));
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Unreachable($"no answer within {options.Timeout.TotalSeconds:0} s");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or AuthenticationException)
        {
            return Unreachable(Innermost(fault));
        }

        Outcome Unreachable(string why) => new(null, new(AcmeFailureKind.Unreachable, $"{url.Authority} cannot be reached for {what}: {why}"));
    }

    /// <summary>The whole body; null where it is larger than the limit.</summary>
    private async Task<byte[]?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > options.MaxAnswer)
            return null;
        using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if (body.Length + read > options.MaxAnswer)
                return null;
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private static HttpRequestMessage Post(Uri url, byte[] body, string? accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        // Exactly this, without a charset: RFC 8555 section 6.2.
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(JoseJson);
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        return request;
    }

    private static string? First(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static string Innermost(Exception fault)
    {
        if (fault is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded })
            return "the connection ended before there was an answer";
        var isTls = fault is AuthenticationException;
        while (fault.InnerException is { } inner)
        {
            fault = inner;
            isTls |= fault is AuthenticationException;
        }

        return isTls && !fault.Message.StartsWith(AcmeHttp.NotTrusted, StringComparison.Ordinal)
            ? "no TLS connection came about; does it speak HTTPS there?"
            : fault.Message.ReplaceLineEndings(" ");
    }

    /// <summary>What is left of a call's budget of waiting, and whether it takes its turn.</summary>
    private sealed class Patience
    {
        public required TimeSpan Left { get; set; }

        public bool InTurn { get; init; }
    }
}
