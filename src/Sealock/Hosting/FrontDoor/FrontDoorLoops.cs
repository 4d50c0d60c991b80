// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Api.Objects;
using Sealock.Gateway.Users;

namespace Sealock.Hosting.FrontDoor;

/// <summary>What runs beside the front door: following the served Secret, ordering it, telling what is served, and clearing login tokens away.</summary>
internal sealed partial class FrontDoorLoops : IAsyncDisposable
{
    private static readonly TimeSpan CleanEvery = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _logger;
    private readonly Task _run;

    public FrontDoorLoops(
        LoginEndpoint logins, ServedSecret? secret, OrderedCertificate? order, ServingConditions conditions, TimeProvider clock, ILogger logger)
    {
        _logger = logger;
        _run = Task.WhenAll(
            CleanAsync(logins, clock, _stop.Token),
            secret?.RunAsync(_stop.Token) ?? Task.CompletedTask,
            order?.RunAsync(_stop.Token) ?? Task.CompletedTask,
            conditions.RunAsync(_stop.Token));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task CleanAsync(LoginEndpoint logins, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(CleanEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    await logins.CleanAsync(cancellationToken);
                }
                catch (Exception fault) when (fault is ApiException or HttpRequestException or IOException)
                {
                    LogNotCleaned(fault.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "expired login tokens could not be deleted and will be tried again: {Reason}")]
    private partial void LogNotCleaned(string reason);
}
