// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;

namespace Sealock.Gateway.Listener;

/// <summary>
/// The logs that Kestrel gets. Why a handshake failed it tells nobody but its log, on the level debug, so that is listened to;
/// all else, and that too, goes on to where logs go.
/// </summary>
internal sealed class HandshakeLog(ILoggerFactory logs) : ILoggerFactory
{
    private const string Category = "Microsoft.AspNetCore.Server.Kestrel.Https.Internal.HttpsConnectionMiddleware";

    private static readonly AsyncLocal<IHandshakeWitness?> Witness = new();

    /// <summary>From here on, what is logged about the handshake of this flow is heard by a witness; null: by nobody.</summary>
    public static void Attend(IHandshakeWitness? witness) => Witness.Value = witness;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) =>
        categoryName == Category ? new Listening(logs.CreateLogger(categoryName)) : logs.CreateLogger(categoryName);

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => logs.AddProvider(provider);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The logs are somebody else's.
    }

    private sealed class Listening(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name is "AuthenticationFailed" or "AuthenticationTimedOut")
                Witness.Value?.Hear(eventId.Name == "AuthenticationTimedOut" ? new OperationCanceledException() : exception);
            if (inner.IsEnabled(logLevel))
                inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}

/// <summary>Hears how a handshake failed.</summary>
internal interface IHandshakeWitness
{
    /// <summary>It failed so.</summary>
    void Hear(Exception? fault);
}
