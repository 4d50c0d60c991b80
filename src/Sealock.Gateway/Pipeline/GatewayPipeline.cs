// SPDX-License-Identifier: Apache-2.0
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Gateway.Audit;
using Sealock.Gateway.Audit.Events;
using Sealock.Gateway.Authentication;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Metrics;

namespace Sealock.Gateway.Pipeline;

/// <summary>
/// The order in which every request passes, and the one place where an error becomes an answer. Requests over HTTP
/// come in at the top; those of this process' own controllers are already authenticated and skip what belongs to HTTP.
/// </summary>
internal sealed partial class GatewayPipeline(
    RequestAuthenticator authenticator,
    IAuthorizer authorizer,
    MountTable mounts,
    ApiHandler api,
    LongRunningRequests longRunning,
    InFlightLimit inFlight,
    RequestAdmission admission,
    AuditedRequests audits,
    AccessLog? accessLog,
    GatewayMetrics metrics,
    GatewayLimits limits,
    ILogger log)
{
    /// <summary>Answers a request.</summary>
    public async Task RunAsync(GatewayExchange exchange)
    {
        var http = exchange.Http;
        if (exchange.ClientGone)
        {
            // Whoever takes requests back at once has none of them begun.
            metrics.RequestCompleted(exchange.Info, StatusCodes.Status499ClientClosedRequest, exchange.Started);
            return;
        }

        try
        {
            exchange.AuditId = AuditId.For(http.Request);
            exchange.LogScope = RequestLogScope.Enter(exchange.AuditId, http.Request.Method);
            Answers.SetCommonHeaders(http.Response, exchange.AuditId);
            await PassAsync(exchange);
        }
        catch (Exception error)
        {
            await AnswerErrorAsync(exchange, error);
        }
        finally
        {
            RequestAdmission.Leave(exchange);
        }

        await audits.CloseAsync(exchange);
        metrics.RequestCompleted(exchange.Info, http.Response.StatusCode, exchange.Started);
        accessLog?.Write(exchange);
        if (UnreadBody.IsLeft(exchange) && !exchange.ClientGone)
            await UnreadBody.DiscardAsync(exchange);
    }

    /// <summary>The way into the API for clients in this process: audited and authorized like every other request.</summary>
    public ValueTask<ApiResponse> InProcess(ApiRequest request, CancellationToken cancellationToken) =>
        audits.Open(request) is { } audit
            ? InProcess(request, audit, cancellationToken)
            : AnswerInProcess(request, null, cancellationToken);

    private ValueTask<ApiResponse> InProcess(ApiRequest request, AuditEvent audit, CancellationToken cancellationToken) =>
        audits.AnswerAsync(audit, () => AnswerInProcess(request, audit, cancellationToken), cancellationToken);

    private ValueTask<ApiResponse> AnswerInProcess(
        ApiRequest request, AuditEvent? audit, CancellationToken cancellationToken)
    {
        Authorize(request.Info, request.User, audit, inProcess: true);
        return api(request, cancellationToken);
    }

    private async ValueTask PassAsync(GatewayExchange exchange)
    {
        var http = exchange.Http;

        // What is it about?
        exchange.Query = ReadQuery(http.Request);
        var info = exchange.Info = RequestInfoParser.Parse(http.Request.Method, RawPath(http), exchange.Query);
        var scope = exchange.LogScope;
        if (scope is not null)
            scope.Path = info.Path;
        var mount = info.IsResource ? null : mounts.Find(info.Path);
        var isLongRunning = mount?.LongRunning ?? info.IsLongRunning;
        if (!isLongRunning)
            exchange.LimitTime(limits.RequestTimeout);

        // Where does it come from?
        var kind = isLongRunning ? RequestKind.Stream
            : InFlightLimit.IsMutating(info.Verb) ? RequestKind.Mutating
            : RequestKind.Reading;
        var crowd = admission.FromAddress(exchange, kind, out var refusal);
        if (scope is not null)
            scope.Source = exchange.Client.Address;
        if (refusal is not null || mount is { Access: MountAccess.Open })
        {
            await audits.OpenAsync(exchange, UserInfo.Anonymous, isLongRunning);
            if (refusal is not null)
                throw refusal;
            admission.RequirePlace(crowd);
            await mount!.Handler(exchange); // open, or it would have been refused
            return;
        }

        // Who asks? From here on the request is audited.
        var requestor = await authenticator.AuthenticateAsync(
            exchange.Connection, http.Request.Headers, exchange.Cancellation);
        await audits.OpenAsync(exchange, requestor, isLongRunning);
        exchange.Requestor = requestor ?? throw admission.Unauthorized(crowd);
        exchange.User = Impersonation.Apply(http.Request.Headers, requestor, authorizer);
        if (exchange.Audit is { } audit && !ReferenceEquals(exchange.User, requestor))
            audit.ImpersonatedUser = exchange.User;
        if (scope is not null)
            scope.User = exchange.User.Name;

        // From there, and is there room?
        admission.FromUser(exchange, crowd, kind);
        if (isLongRunning)
        {
            using (longRunning.Enter(exchange))
                await HandleAsync(exchange, mount);
            return;
        }

        var mutating = kind == RequestKind.Mutating;
        inFlight.Enter(mutating, exchange.User);
        try
        {
            await HandleAsync(exchange, mount);
        }
        finally
        {
            inFlight.Leave(mutating);
        }
    }

    private async ValueTask HandleAsync(GatewayExchange exchange, Mount? mount)
    {
        // May they? What is withdrawn from here on ends the request, if it is a long one.
        var (info, user) = (exchange.Info, exchange.User);
        if (!authenticator.StillHolds(exchange.Requestor, exchange.Connection))
            throw ApiException.Unauthorized();
        admission.Require(exchange);
        if (mount is not { Access: MountAccess.Public })
            Authorize(info, user, exchange.Audit, inProcess: false);

        // Then it is done.
        if (mount is not null)
        {
            await mount.Handler(exchange);
            return;
        }

        var http = exchange.Http;
        var headers = http.Request.Headers;
        var request = new ApiRequest
        {
            Info = info,
            User = user,
            Query = exchange.Query,
            Accept = headers.Accept.ToString(),
            ContentType = headers.ContentType.ToString(),
            UserAgent = headers.UserAgent.ToString(),
            AcceptEncoding = headers.AcceptEncoding.ToString(),
            IfNoneMatch = headers.IfNoneMatch.ToString(),
            Body = await RequestBody.ReadAsync(exchange, limits.MaxBodyBytes, admission),
        };
        var audit = exchange.Audit;
        if (audit is not null)
            AuditedRequests.Listen(audit, request);
        var answer = await api(request, exchange.Cancellation);
        if (audit is not null)
            answer = await AuditBodies.NoteAsync(audit, answer, exchange.Cancellation);
        await Answers.WriteAsync(http, answer, info.IsLongRunning, exchange.Cancellation);
    }

    private void Authorize(RequestInfo info, UserInfo user, AuditEvent? audit, bool inProcess)
    {
        var question = info.QuestionFor(user);
        var decision = AnonymousPaths.Contains(info) ? new AccessDecision(true, "") : authorizer.Authorize(question);
        audit?.Decided(decision);
        metrics.Access.Decided(decision.Allowed, info.IsResource, inProcess);
        if (!decision.Allowed)
            throw AccessDenied.For(question, decision.Reason);
    }

    private async ValueTask AnswerErrorAsync(GatewayExchange exchange, Exception error)
    {
        var http = exchange.Http;
        if (exchange.ClientGone || error is ConnectionAbortedException or ConnectionResetException)
        {
            LogClientGone(http.Request.Method, exchange.Info.Path);
            if (!http.Response.HasStarted)
                http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return;
        }

        if (http.Response.HasStarted)
        {
            // Too late for another answer. A watch that the server ends is over without an error.
            if (exchange.StopReason is not null)
                return;
            LogBroken(error, http.Request.Method, exchange.Info.Path);
            if (error is not OperationCanceledException)
                exchange.Audit?.Faulted(error);
            http.Abort();
            return;
        }

        var status = error switch
        {
            ApiException known => known,
            OperationCanceledException when exchange.StopReason is { } reason => ApiException.Unavailable(reason),
            OperationCanceledException when exchange.TimedOut => ApiException.Timeout(
                "request did not complete within the allotted timeout"),
            BadHttpRequestException => ApiException.BadRequest("the request is malformed"),
            _ => null,
        };
        if (status is null)
        {
            LogFault(error, http.Request.Method, exchange.Info.Path);
            status = ApiException.Internal("the server has met an error; its log tells more");
            exchange.Audit?.Faulted(error);
        }
        else
        {
            exchange.Audit?.Failed(status);
        }

        var response = http.Response;
        response.Clear();
        Answers.SetCommonHeaders(response, exchange.AuditId);
        try
        {
            await Answers.WriteErrorAsync(http, exchange.Query, status);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            LogClientGone(http.Request.Method, exchange.Info.Path);
        }
    }

    private static QueryParameters ReadQuery(HttpRequest request)
    {
        var query = request.QueryString;
        if (!query.HasValue)
            return QueryParameters.Empty;
        try
        {
            return QueryParameters.Parse(query.Value);
        }
        catch (FormatException error)
        {
            throw ApiException.BadRequest(error.Message);
        }
    }

    /// <summary>The path as it was sent: decoding is the parser's matter, and happens once.</summary>
    private static string RawPath(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? target : target[..question];
        if (path.StartsWith('/'))
            return path;
        // The absolute form of RFC 9112 (https://host/path), or the asterisk of OPTIONS.
        var authority = path.IndexOf("://", StringComparison.Ordinal);
        var slash = authority < 0 ? -1 : path.IndexOf('/', authority + 3);
        return slash < 0 ? "/" : path[slash..];
    }

    [LoggerMessage(LogLevel.Debug, "The client went away: {Method} {Path}")]
    private partial void LogClientGone(string method, string path);

    [LoggerMessage(LogLevel.Warning, "The answer to {Method} {Path} broke off")]
    private partial void LogBroken(Exception error, string method, string path);

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogFault(Exception error, string method, string path);
}
