// SPDX-License-Identifier: Apache-2.0
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Gateway.Audit.Events;
using Sealock.Gateway.Audit.Policies;
using Sealock.Gateway.Pipeline;

namespace Sealock.Gateway.Audit;

/// <summary>Opens and closes the audit of requests, over HTTP and from within this process. Without an auditor it does nothing.</summary>
internal sealed class AuditedRequests(Auditor? auditor, TimeProvider clock)
{
    private static readonly UserInfo Nobody = new() { Name = "" };

    /// <summary>
    /// Opens the audit of a request over HTTP, if the policy asks for it: as soon as it is known who makes it, or that it is not
    /// known.
    /// </summary>
    /// <param name="exchange">The request.</param>
    /// <param name="user">Who makes it; null: the credentials are not valid.</param>
    /// <param name="longRunning">Whether the answer takes as long as it likes.</param>
    /// <exception cref="ApiException">500: it is not to be served unless its arrival is recorded.</exception>
    public ValueTask OpenAsync(GatewayExchange exchange, UserInfo? user, bool longRunning) =>
        auditor?.Decide(exchange.Info, user ?? Nobody) is { } decision
            ? OpenAsync(auditor, decision, exchange, user, longRunning)
            : ValueTask.CompletedTask;

    /// <summary>Closes the audit of a request over HTTP, once it is answered.</summary>
    public ValueTask CloseAsync(GatewayExchange exchange) =>
        auditor is not null && exchange.Audit is { } audit ? CloseAsync(auditor, audit, exchange) : ValueTask.CompletedTask;

    /// <summary>The audit of a request from within this process; null where the policy does not ask for it.</summary>
    public AuditEvent? Open(ApiRequest request)
    {
        if (auditor?.Decide(request.Info, request.User) is not { } decision)
            return null;
        var audit = new AuditEvent(decision, request.Info, auditor.FilterFor(request.Info, decision))
        {
            AuditId = Guid.NewGuid().ToString(),
            RequestUri = request.RequestUri.Length > 0 ? request.RequestUri : request.Info.Path,
            User = request.User,
            UserAgent = request.UserAgent,
            Received = clock.GetUtcNow(),
        };
        Listen(audit, request);
        return audit;
    }

    /// <summary>
    /// Answers a request from within this process under its audit; a watch closes it when it ends.
    /// </summary>
    public async ValueTask<ApiResponse> AnswerAsync(
        AuditEvent audit, Func<ValueTask<ApiResponse>> answer, CancellationToken cancellationToken)
    {
        var open = auditor!; // audit came from it
        Enter(audit);
        await open.ReceivedAsync(audit);
        try
        {
            var response = await AuditBodies.NoteAsync(audit, await answer(), cancellationToken);
            if (audit.Info.IsLongRunning)
            {
                await open.RecordAsync(audit, AuditStages.ResponseStarted);
                return new AuditedWatch(response, open, audit);
            }

            await open.RecordAsync(audit, AuditStages.ResponseComplete);
            return response;
        }
        catch (Exception error)
        {
            Note(audit, error);
            await open.RecordAsync(audit, audit.Panicked ? AuditStages.Panic : AuditStages.ResponseComplete);
            throw;
        }
    }

    /// <summary>Lets the audit see the body of a request to the API.</summary>
    public static void Listen(AuditEvent audit, ApiRequest request)
    {
        if (!audit.Info.IsResource || audit.Info.Verb is "get" or "list" or "watch")
            return;
        if (audit.Info.Verb != "patch")
            request.OnDecoded = audit.Decoded;
        else if (request.ContentType.Contains("-patch+", StringComparison.Ordinal))
            audit.Patch(request.Body);
    }

    private async ValueTask OpenAsync(
        Auditor open, AuditDecision decision, GatewayExchange exchange, UserInfo? user, bool longRunning)
    {
        var http = exchange.Http;
        var audit = new AuditEvent(decision, exchange.Info, open.FilterFor(exchange.Info, decision))
        {
            AuditId = exchange.AuditId,
            RequestUri = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            User = user,
            SourceIps = exchange.Client.Addresses,
            UserAgent = http.Request.Headers.UserAgent.ToString(),
            Received = clock.GetUtcNow() - clock.GetElapsedTime(exchange.Started),
        };
        if (user is null)
        {
            // As in kube-apiserver: of a request that was refused at the door there is one event, at this stage.
            exchange.Audit = audit;
            return;
        }

        await open.ReceivedAsync(audit);
        exchange.Audit = audit;
        audit.StartIsDue = longRunning;
        if (longRunning)
            http.Response.OnStarting(StartedAsync, exchange);
    }

    private async Task StartedAsync(object state)
    {
        var exchange = (GatewayExchange)state;
        if (auditor is null || exchange.Audit is not { StartIsDue: true } audit)
            return;
        audit.Outcome = WithCode(audit.Outcome, exchange.Http.Response.StatusCode);
        await StartAsync(auditor, audit);
    }

    private static async ValueTask StartAsync(Auditor open, AuditEvent audit)
    {
        audit.StartIsDue = false;
        await open.RecordAsync(audit, AuditStages.ResponseStarted);
    }

    private static async ValueTask CloseAsync(Auditor open, AuditEvent audit, GatewayExchange exchange)
    {
        var response = exchange.Http.Response;
        if (audit.Panicked)
        {
            await open.RecordAsync(audit, AuditStages.Panic);
            return;
        }

        audit.Outcome = exchange.ClientGone && !response.HasStarted
            ? audit.Outcome ?? AuditOutcome.ClosedEarly
            : WithCode(audit.Outcome, response.StatusCode);
        if (audit.StartIsDue)
            await StartAsync(open, audit);
        await open.RecordAsync(audit, audit.User is null ? AuditStages.ResponseStarted : AuditStages.ResponseComplete);
    }

    private static AuditOutcome WithCode(AuditOutcome? outcome, int code) =>
        outcome is null ? new AuditOutcome(code) : outcome.Code == code ? outcome : outcome with { Code = code };

    /// <summary>From here on log lines of this flow name the request.</summary>
    private static void Enter(AuditEvent audit)
    {
        var scope = RequestLogScope.Enter(audit.AuditId, audit.Info.Method);
        scope.Path = audit.Info.Path;
        scope.User = audit.User?.Name ?? "";
    }

    private static void Note(AuditEvent audit, Exception error)
    {
        if (error is ApiException known)
            audit.Failed(known);
        else if (error is OperationCanceledException)
            audit.Outcome = AuditOutcome.ClosedEarly;
        else
            audit.Faulted(error);
    }

    /// <summary>A watch within this process, whose audit closes with it.</summary>
    private sealed class AuditedWatch(ApiResponse watch, Auditor open, AuditEvent audit) : ApiResponse
    {
        public override long? ContentLength => watch.ContentLength;

        public override async ValueTask WriteAsync(
            PipeWriter output, CancellationToken cancellationToken)
        {
            Enter(audit);
            try
            {
                await watch.WriteAsync(output, cancellationToken);
            }
            finally
            {
                await open.RecordAsync(audit, AuditStages.ResponseComplete);
            }
        }
    }
}
