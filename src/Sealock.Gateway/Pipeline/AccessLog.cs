// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Microsoft.Extensions.Logging;

namespace Sealock.Gateway.Pipeline;

/// <summary>One line for each request, once it is answered. Neither queries nor headers with credentials stand in it.</summary>
public sealed partial class AccessLog
{
    /// <summary>The category of its lines.</summary>
    public const string Category = "Sealock.Access";

    private const int LongestAgent = 256;

    private readonly ILogger _log;
    private readonly TimeProvider _clock;

    internal AccessLog(ILoggerFactory logs, TimeProvider clock) => (_log, _clock) = (logs.CreateLogger(Category), clock);

    internal void Write(GatewayExchange exchange)
    {
        var request = exchange.Http.Request;
        var agent = request.Headers.UserAgent.ToString();
        LogRequest(
            request.Method, exchange.Info.Path, exchange.Http.Response.StatusCode,
            Math.Round(_clock.GetElapsedTime(exchange.Started).TotalMilliseconds, 3),
            exchange.User.Name, exchange.Client.Address, request.Protocol, agent.Length > LongestAgent ? agent[..LongestAgent] : agent);
    }

    [LoggerMessage(LogLevel.Information, "{Method} {Path} {Code} in {Milliseconds} ms, {User} from {Source}, {Protocol}, {Agent}")]
    private partial void LogRequest(
        string method, string path, int code, double milliseconds, string user, IPAddress source, string protocol, string agent);
}
