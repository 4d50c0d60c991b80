// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging;
using Sealock.Api.Objects;

namespace Sealock.Gateway.Pipeline;

/// <summary>What a health check says about.</summary>
[Flags]
public enum HealthScope
{
    /// <summary>The process is to be restarted if it fails: <c>/livez</c> and <c>/healthz</c>.</summary>
    Live = 1,

    /// <summary>No traffic is to be sent while it fails: <c>/readyz</c>.</summary>
    Ready = 2,

    /// <summary>Both.</summary>
    Both = Live | Ready,
}

/// <summary>
/// A named check. It answers null if all is well, or the reason, which goes to the log and not to clients.
/// </summary>
public sealed record HealthCheck(
    string Name, HealthScope Scope, Func<CancellationToken, ValueTask<string?>> Run);

/// <summary>
/// <c>/healthz</c>, <c>/livez</c> and <c>/readyz</c> with their texts as in kube-apiserver: <c>?verbose</c>,
/// <c>?exclude=NAME</c>, and each check alone at <c>/readyz/NAME</c>.
/// </summary>
internal sealed partial class HealthEndpoints(ILogger log, ImmutableArray<HealthCheck> checks)
{
    private static readonly ReadOnlyMemory<byte> Ok = "ok"u8.ToArray();

    /// <summary>The three mounts.</summary>
    public IEnumerable<Mount> Mounts =>
    [
        new("/healthz", MountAccess.Authorized, exchange => AnswerAsync(exchange, "healthz", HealthScope.Live)),
        new("/livez", MountAccess.Authorized, exchange => AnswerAsync(exchange, "livez", HealthScope.Live)),
        new("/readyz", MountAccess.Authorized, exchange => AnswerAsync(exchange, "readyz", HealthScope.Ready)),
    ];

    private ValueTask AnswerAsync(GatewayExchange exchange, string name, HealthScope scope)
    {
        var path = exchange.Info.Path;
        return path.Length == name.Length + 1
            ? AnswerAllAsync(exchange, name, scope)
            : AnswerOneAsync(exchange, path[(name.Length + 2)..], scope);
    }

    private async ValueTask AnswerOneAsync(GatewayExchange exchange, string name, HealthScope scope)
    {
        var check = checks.FirstOrDefault(check => check.Name == name && (check.Scope & scope) != 0);
        if (check is null)
        {
            await Text(exchange, 404, "404 page not found\n");
            return;
        }

        await (await FailsAsync(check, exchange.Cancellation)
            ? Text(exchange, 500, $"internal server error: {name} failed: reason withheld\n")
            : Answers.WriteTextAsync(exchange.Http, 200, Answers.PlainText, Ok, exchange.Cancellation));
    }

    private async ValueTask AnswerAllAsync(GatewayExchange exchange, string name, HealthScope scope)
    {
        var excluded = exchange.Query.All("exclude").ToHashSet(StringComparer.Ordinal);
        var report = new StringBuilder();
        var failed = false;
        foreach (var check in checks)
        {
            if ((check.Scope & scope) == 0)
                continue;
            if (excluded.Remove(check.Name))
            {
                report.Append("[+]").Append(check.Name).Append(" excluded: ok\n");
            }
            else if (await FailsAsync(check, exchange.Cancellation))
            {
                report.Append("[-]").Append(check.Name).Append(" failed: reason withheld\n");
                failed = true;
            }
            else
            {
                report.Append("[+]").Append(check.Name).Append(" ok\n");
            }
        }

        if (excluded.Count > 0)
        {
            report.Append("warn: some health checks cannot be excluded: no matches for ")
                .AppendJoin(", ", excluded.Order(StringComparer.Ordinal).Select(FieldError.Quote)).Append('\n');
        }

        if (failed)
            await Text(exchange, 500, report.Append(name).Append(" check failed\n").ToString());
        else if (exchange.Query.Has("verbose"))
            await Text(exchange, 200, report.Append(name).Append(" check passed\n").ToString());
        else
            await Answers.WriteTextAsync(exchange.Http, 200, Answers.PlainText, Ok, exchange.Cancellation);
    }

    private async ValueTask<bool> FailsAsync(HealthCheck check, CancellationToken cancellationToken)
    {
        var reason = await check.Run(cancellationToken);
        if (reason is not null)
            LogFailed(check.Name, reason);
        return reason is not null;
    }

    [LoggerMessage(LogLevel.Warning, "Health check {Name} fails: {Reason}")]
    private partial void LogFailed(string name, string reason);

    private static ValueTask Text(GatewayExchange exchange, int status, string text) => Answers.WriteTextAsync(
        exchange.Http, status, Answers.PlainText, Encoding.UTF8.GetBytes(text), exchange.Cancellation);
}
