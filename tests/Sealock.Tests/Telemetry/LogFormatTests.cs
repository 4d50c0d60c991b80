// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Sealock.Gateway.Pipeline;
using Sealock.Hosting.Logs;
using Sealock.Tests.Gateway;
using Sealock.Tests.Support;

namespace Sealock.Tests.Telemetry;

public class LogFormatTests
{
    private const string Tokens = "admin,admin,1,\"system:masters\"";

    [Fact]
    public void A_line_of_text_has_time_level_category_and_message()
    {
        var line = Write(new LogLine(new FakeTimeProvider()), "Sealock.Store", "all is\nwell", null);
        Assert.Equal("2026-03-01T12:00:00.000Z info  Sealock.Store: all is well\n", line);
    }

    [Fact]
    public void What_would_move_a_terminals_cursor_is_spelt_out() => Assert.EndsWith(
        " Sealock.Store: a\\u{1b}[2Jb\n", Write(new LogLine(new FakeTimeProvider()), "Sealock.Store", "a\u001b[2Jb", null), StringComparison.Ordinal);

    [Fact]
    public void Ecs_names_its_fields_as_the_schema_does()
    {
        var line = Write(new JsonLogLine(LogVocabulary.Ecs, new FakeTimeProvider()), "Sealock.Store", "it \"broke\"\n", new IOException("disk full"));
        Assert.StartsWith("{\"@timestamp\":\"2026-03-01T12:00:00.000Z\",\"log.level\":\"info\",\"message\":", line, StringComparison.Ordinal);
        var fields = Fields(line);
        Assert.Equal("8.11.0", fields["ecs.version"]);
        Assert.Equal("it \"broke\"\n", fields["message"]);
        Assert.Equal("Sealock.Store", fields["log.logger"]);
        Assert.Equal("sealock.log", fields["event.dataset"]);
        Assert.Equal(("System.IO.IOException", "disk full"), (fields["error.type"], fields["error.message"]));
        Assert.DoesNotContain("trace.id", fields.Keys);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    [InlineData("ecs")]
    public async Task Every_line_of_a_request_bears_its_audit_id_and_none_a_token(string format)
    {
        ConsoleFormatter formatter = format switch
        {
            "json" => new JsonLogLine(LogVocabulary.Short, TimeProvider.System),
            "ecs" => new JsonLogLine(LogVocabulary.Ecs, TimeProvider.System),
            _ => new LogLine(TimeProvider.System),
        };
        var lines = new ConcurrentQueue<string>();
        using var logs = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Information).AddProvider(new Lines(formatter, lines)));
        await using var rig = await GatewayRig.StartAsync(
            options => options with
            {
                Logging = logs,
                AccessLog = true,
                Api = (_, _) => throw new InvalidOperationException("a fault of the server"),
            },
            Tokens);
        using var client = rig.Client(token: "admin");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/secrets?token=very-secret");
        request.Headers.Add("Audit-ID", "an-id-of-mine");
        request.Headers.UserAgent.ParseAdd("tester/1.0");
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        while (!lines.Any(line => line.Contains("tester/1.0", StringComparison.Ordinal)))
            await Task.Yield();
        var mine = lines.Where(line => line.Contains("/api/v1/secrets", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, mine.Count);
        Assert.All(mine, line => Assert.Contains("an-id-of-mine", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.DoesNotContain("very-secret", line, StringComparison.Ordinal));
        if (format != "ecs")
            return;
        var access = Fields(mine.Single(line => line.Contains(AccessLog.Category, StringComparison.Ordinal)));
        Assert.All(
            new Dictionary<string, string>
            {
                ["trace.id"] = "an-id-of-mine",
                ["http.request.method"] = "GET",
                ["url.path"] = "/api/v1/secrets",
                ["source.ip"] = "127.0.0.1",
                ["user.name"] = "admin",
                ["http.response.status_code"] = "500",
                ["http.version"] = "1.1",
                ["user_agent.original"] = "tester/1.0",
                ["event.dataset"] = "sealock.access",
                ["event.outcome"] = "failure",
                ["event.category"] = "[\"web\"]",
            },
            field => Assert.Equal(field.Value, access.GetValueOrDefault(field.Key)));
        Assert.True(long.Parse(access["event.duration"], System.Globalization.CultureInfo.InvariantCulture) > 0);
    }

    /// <summary>
    /// What is logged while a request is handled, by the methods that do it: each is provoked here or, where it needs a whole server, in
    /// the end-to-end tests. Whoever adds one adds it here.
    /// </summary>
    [Fact]
    public void Every_line_that_a_request_can_cause_is_known()
    {
        string[] rooms = [nameof(Sealock.Gateway.Pipeline), nameof(Sealock.Gateway.Users), nameof(Sealock.Gateway.Setup), nameof(Sealock.Gateway.Reviews), nameof(Sealock.Gateway.Limits)];
        var methods = typeof(RequestLogScope).Assembly.GetTypes()
            .Where(type => rooms.Any(room => type.Namespace == "Sealock.Gateway." + room))
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(method => method.GetCustomAttribute<LoggerMessageAttribute>() is not null)
                .Select(method => $"{type.Name}.{method.Name}"));
        Assert.Equal(
            [
                "AccessLog.LogRequest", "GatewayPipeline.LogBroken", "GatewayPipeline.LogClientGone", "GatewayPipeline.LogFault",
                "HealthEndpoints.LogFailed", "LoginEndpoint.LogChanged", "LoginEndpoint.LogLoggedIn", "LoginEndpoint.LogRefused", "SetupEndpoint.LogRefused", "SetupEndpoint.LogSetUp",
            ],
            // Who ends the watches of others does so for no request.
            methods.Except(["LongRunningRequests.LogStumbled"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_answer_that_breaks_off_a_client_that_goes_and_a_health_check_that_fails_are_told_with_the_request()
    {
        var lines = new ConcurrentQueue<string>();
        using var logs = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(
            new Lines(new JsonLogLine(LogVocabulary.Short, TimeProvider.System), lines)));
        var entered = new TaskCompletionSource();
        await using var rig = await GatewayRig.StartAsync(
            options => options with
            {
                Logging = logs,
                HealthChecks = [new HealthCheck("store", HealthScope.Both, _ => ValueTask.FromResult<string?>("no answer"))],
                Mounts =
                [
                    new Mount("/breaks", MountAccess.Public, async exchange =>
                    {
                        exchange.Http.Response.ContentLength = 10;
                        await exchange.Http.Response.Body.WriteAsync("half"u8.ToArray());
                        throw new InvalidOperationException("a fault in the middle");
                    }),
                    new Mount("/waits", MountAccess.Public, async exchange =>
                    {
                        entered.SetResult();
                        await Task.Delay(Timeout.Infinite, exchange.Cancellation);
                    }),
                ],
            },
            Tokens);
        using var client = rig.Client(token: "admin");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => SendAsync(client, "/breaks"));
        using (await SendAsync(client, "/readyz"))
        {
        }

        using (var gone = new CancellationTokenSource())
        {
            var waiting = SendAsync(client, "/waits", gone.Token);
            await entered.Task;
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        foreach (var (id, text) in new[] { ("id-breaks", "broke off"), ("id-readyz", "Health check store fails"), ("id-waits", "The client went away") })
        {
            while (!lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
                await Task.Yield();
            Assert.All(lines.Where(line => line.Contains(text, StringComparison.Ordinal)), line => Assert.Equal(id, Fields(line)["auditID"]));
        }
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string path, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Audit-ID", "id-" + path[1..]);
        return client.SendAsync(request, cancellationToken);
    }

    [Fact]
    public async Task Without_being_asked_no_request_is_logged()
    {
        var lines = new ConcurrentQueue<string>();
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(new Lines(new LogLine(TimeProvider.System), lines)));
        await using var rig = await GatewayRig.StartAsync(options => options with { Logging = logs }, Tokens);
        using (var client = rig.Client(token: "admin"))
            await client.GetStringAsync("/api/v1/pods");
        await rig.Server.StopAsync(CancellationToken.None);
        Assert.DoesNotContain(lines, line => line.Contains("/api/v1/pods", StringComparison.Ordinal));
    }

    private static Dictionary<string, string> Fields(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.ToString());
    }

    private static string Write(ConsoleFormatter formatter, string category, string message, Exception? fault)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var entry = new LogEntry<string>(LogLevel.Information, category, default, message, fault, static (state, _) => state);
        formatter.Write(entry, null, text);
        return text.ToString();
    }

    /// <summary>Writes each line with a formatter, as the console's provider does.</summary>
    private sealed class Lines(ConsoleFormatter formatter, ConcurrentQueue<string> lines) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Line(categoryName, formatter, lines);

        public void Dispose()
        {
        }
    }

    private sealed class Line(string category, ConsoleFormatter formatter, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> format)
        {
            using var text = new StringWriter();
            formatter.Write(new LogEntry<TState>(logLevel, category, eventId, state, exception, format), null, text);
            lines.Enqueue(text.ToString());
        }
    }
}
