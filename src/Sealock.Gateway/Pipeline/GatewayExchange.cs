// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Gateway.Audit.Events;
using Sealock.Gateway.Forwarding;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Listener;

namespace Sealock.Gateway.Pipeline;

/// <summary>
/// One request on its way through the front door, and its answer. Used again for later requests on the same
/// connection or stream: it must not be held beyond the request.
/// </summary>
public sealed class GatewayExchange
{
    // What the runtime keeps apart from small objects (85,000 bytes), and collects with everything else alone.
    private const int LargeBody = 80 * 1024;
    private static readonly RequestInfo NotYetRead = new() { Method = "", Path = "", Verb = "" };

    private readonly DefaultHttpContext _http = new();
    private CancellationTokenSource _stop;
    private CancellationTokenRegistration _aborted;
    private StreamResets? _resets;
    private byte[]? _largeBody;

    internal GatewayExchange(TimeProvider clock, GatewayLimits limits)
    {
        Clock = clock;
        Limits = limits;
        _stop = NewStop();
    }

    /// <summary>The HTTP request and response.</summary>
    public HttpContext Http => _http;

    /// <summary>What the request is about.</summary>
    public RequestInfo Info { get; internal set; } = NotYetRead;

    /// <summary>Decoded query parameters.</summary>
    public QueryParameters Query { get; internal set; } = QueryParameters.Empty;

    /// <summary>Who asks, after impersonation; anonymous until the request is authenticated.</summary>
    public UserInfo User { get; internal set; } = UserInfo.Anonymous;

    /// <summary>Who presented the credentials: differs from <see cref="User"/> when impersonating.</summary>
    public UserInfo Requestor { get; internal set; } = UserInfo.Anonymous;

    /// <summary>
    /// Where the request comes from: audit, limits and rules go by it. Until proxies' headers are read, the connection's other end.
    /// </summary>
    public ClientSource Client { get; internal set; } = ClientSource.Unknown;

    /// <summary>Names the request in the audit log, and in the <c>Audit-Id</c> header.</summary>
    public string AuditId { get; internal set; } = "";

    /// <summary>
    /// Ends when the client goes away, when the request has taken too long, when the server stops, and when what the
    /// client presented is revoked.
    /// </summary>
    public CancellationToken Cancellation => _stop.Token;

    /// <summary>Answers with a body and status 200.</summary>
    public ValueTask WriteAsync(string contentType, ReadOnlyMemory<byte> body) =>
        Answers.WriteTextAsync(_http, 200, contentType, body, Cancellation);

    /// <summary>Adds a fact to the request's audit event, if it is audited: short, and nothing secret.</summary>
    /// <param name="key">Names who says it and what, such as <c>audit.sealock.dev/login-user</c>; the first value stays.</param>
    /// <param name="value">What is said.</param>
    public void AnnotateAudit(string key, string value) => Audit?.Annotate(key, value);

    /// <summary>What its time is told by.</summary>
    internal TimeProvider Clock { get; }

    /// <summary>What bounds it.</summary>
    internal GatewayLimits Limits { get; }

    /// <summary>Whether its body has been read to the end.</summary>
    internal bool BodyRead { get; set; }

    /// <summary>The request's audit; null where it is not audited, or not yet.</summary>
    internal AuditEvent? Audit { get; set; }

    /// <summary>What log lines say about the request.</summary>
    internal RequestLogScope? LogScope { get; set; }

    /// <summary>Where the connection comes from on which the request came.</summary>
    internal ConnectionOrigin? Origin { get; private set; }

    /// <summary>The policy by which the request was let in.</summary>
    internal TrafficPolicy? Policy { get; set; }

    /// <summary>The place that the request has in its address' share.</summary>
    internal Seat AddressSeat { get; set; }

    /// <summary>The place that it has in its user's.</summary>
    internal Seat UserSeat { get; set; }

    /// <summary>The TLS connection on which the request came.</summary>
    internal ClientConnection? Connection { get; private set; }

    /// <summary>When the request came in, as the clock's timestamp.</summary>
    internal long Started { get; private set; }

    /// <summary>Why the server ended the request; null while it has not.</summary>
    internal string? StopReason { get; private set; }

    /// <summary>Whether the client has gone.</summary>
    internal bool ClientGone => _http.RequestAborted.IsCancellationRequested;

    /// <summary>Whether the time given by <see cref="LimitTime"/> is over.</summary>
    internal bool TimedOut => _stop.IsCancellationRequested && StopReason is null && !ClientGone;

    internal void Begin(IFeatureCollection features)
    {
        _http.Initialize(features);
        Connection = features.Get<ClientConnection>();
        Origin = features.Get<ConnectionOrigin>();
        Client = Origin?.Itself ?? ClientSource.Unknown;
        Started = Clock.GetTimestamp();
        _resets = features.Get<StreamResets>();
        _aborted = _http.RequestAborted.UnsafeRegister(static state => ((GatewayExchange)state!).TakeBack(), this);
    }

    internal void End()
    {
        _aborted.Dispose();
        if (!_stop.TryReset())
        {
            _stop.Dispose();
            _stop = NewStop();
        }

        Info = NotYetRead;
        Query = QueryParameters.Empty;
        User = Requestor = UserInfo.Anonymous;
        StopReason = null;
        BodyRead = false;
        if (_largeBody is not null)
            ArrayPool<byte>.Shared.Return(_largeBody, clearArray: true);
        _largeBody = null;
        Connection = null;
        _resets = null;
        Audit = null;
        LogScope = null;
        Origin = null;
        Client = ClientSource.Unknown;
        Policy = null;
        _http.Uninitialize();
    }

    /// <summary>Where its body may stand until it ends: large ones are borrowed, since each would soon be the cause of a full collection.</summary>
    internal Memory<byte> RoomForBody(int length)
    {
        if (length < LargeBody)
            return new byte[length];
        _largeBody = ArrayPool<byte>.Shared.Rent(length);
        return _largeBody.AsMemory(0, length);
    }

    /// <summary>Lets the request take at most this long.</summary>
    internal void LimitTime(TimeSpan limit) => _stop.CancelAfter(limit);

    /// <summary>Ends the request from outside.</summary>
    internal void Stop(string reason)
    {
        StopReason = reason;
        _stop.Cancel();
    }

    private void TakeBack()
    {
        _resets?.Add();
        _stop.Cancel();
    }

    private CancellationTokenSource NewStop() => new(Timeout.InfiniteTimeSpan, Clock);
}
