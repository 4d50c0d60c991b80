// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Sealock.Gateway.Audit.Events;

namespace Sealock.Gateway.Audit.Outputs;

/// <summary>A webhook's address and the connection to it.</summary>
/// <param name="Address">Where events are posted.</param>
/// <param name="Client">Verifies the server, and presents a certificate where one is wanted. Disposed by its owner.</param>
/// <param name="Token">Gives the bearer token of each request; null: there is none.</param>
public sealed record AuditWebhookTarget(
    Uri Address, HttpClient Client, Func<CancellationToken, ValueTask<string?>>? Token = null);

/// <summary>
/// Posts events as audit.k8s.io/v1 EventList. While the webhook is away a batch is sent again until it is taken; meanwhile
/// the queue fills. A batch that the webhook refuses is given up after some attempts.
/// </summary>
internal sealed partial class Webhook(AuditWebhookOptions options, TimeProvider clock, ILogger log) : IAuditOutput
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private bool _failing;

    /// <inheritdoc/>
    public string Name => "webhook";

    private static ReadOnlySpan<byte> ListStart =>
        "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"metadata\":{},\"items\":["u8;

    /// <inheritdoc/>
    public async ValueTask<bool> WriteAsync(IReadOnlyList<AuditRecord> batch, CancellationToken cancellationToken)
    {
        var list = ListOf(batch);
        try
        {
            var requestsWait = options.Queue.Mode != AuditMode.Batch;
            for (var attempts = 1; ; attempts++)
            {
                var target = options.Target();
                var (taken, answer, why) = await PostAsync(target, list.Bytes, cancellationToken);
                Note(target.Address, taken, why);
                if (taken)
                    return true;
                if (WebhookRetry.GivesUp(attempts, answer, requestsWait))
                {
                    LogGivenUp(log, batch.Count, why);
                    return false;
                }

                await Task.Delay(
                    WebhookRetry.WaitAfter(attempts, options.InitialBackoff, Random.Shared.NextDouble()), clock, cancellationToken);
            }
        }
        finally
        {
            list.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static AuditRecord ListOf(IReadOnlyList<AuditRecord> batch)
    {
        var list = new AuditRecord();
        Append(list, ListStart);
        for (var i = 0; i < batch.Count; i++)
        {
            Append(list, i == 0 ? "{"u8 : ",{"u8);
            // Without kind and apiVersion, which the list has, and without the line's end.
            Append(list, batch[i].Bytes.Span[AuditEventWriter.TypeStart.Length..^1]);
        }

        Append(list, "]}"u8);
        return list;
    }

    private static void Append(AuditRecord list, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(list.GetSpan(bytes.Length));
        list.Advance(bytes.Length);
    }

    private async ValueTask<(bool Taken, HttpStatusCode? Answer, string Why)> PostAsync(
        AuditWebhookTarget target, ReadOnlyMemory<byte> list, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(AnswerLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, target.Address)
            {
                Content = new ReadOnlyMemoryContent(list) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            };
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("sealock", null));
            if (target.Token is { } token && await token(either.Token) is { Length: > 0 } text)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", text);
            using var response = await target.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return (response.IsSuccessStatusCode, response.StatusCode, $"it answered {(int)response.StatusCode}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, null, $"it did not answer within {AnswerLimit.TotalSeconds} seconds");
        }
        catch (Exception error) when (error is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            return (false, null, error.InnerException?.Message ?? error.Message);
        }
    }

    private void Note(Uri address, bool taken, string why)
    {
        if (taken && _failing)
            LogRecovered(log);
        else if (!taken && !_failing)
            LogFailed(log, address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped), why);
        _failing = !taken;
    }

    [LoggerMessage(LogLevel.Error, "The audit webhook {Address} does not take events, which will be sent again: {Why}")]
    private static partial void LogFailed(ILogger logger, string address, string why);

    [LoggerMessage(LogLevel.Error, "{Count} audit events are given up: the webhook does not take them: {Why}")]
    private static partial void LogGivenUp(ILogger logger, int count, string why);

    [LoggerMessage(LogLevel.Information, "The audit webhook takes events again")]
    private static partial void LogRecovered(ILogger logger);
}
