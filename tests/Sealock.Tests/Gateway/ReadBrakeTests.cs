// SPDX-License-Identifier: Apache-2.0
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Listener;
using Sealock.Tests.Support;

namespace Sealock.Tests.Gateway;

/// <summary>Connections that are read from more slowly.</summary>
public sealed class ReadBrakeTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Pipe _wire = new();
    private readonly DefaultConnectionContext _connection;
    private readonly ReadBrake _brake;

    public ReadBrakeTests()
    {
        _connection = new DefaultConnectionContext("c", new Duplex(_wire.Reader, _wire.Writer), new Duplex(_wire.Reader, _wire.Writer));
        _brake = new ReadBrake(_connection, _clock);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    [Fact]
    public async Task Nothing_waits_that_was_not_slowed()
    {
        await _wire.Writer.WriteAsync(new byte[3]);
        Assert.Equal(3, (await _brake.ReadAsync()).Buffer.Length);
    }

    [Fact]
    public async Task While_it_is_on_a_little_is_read_at_a_time_and_then_as_before()
    {
        await _wire.Writer.WriteAsync(new byte[(3 * ReadBrake.Sip) + 5]);
        _brake.Press();
        Assert.Equal(ReadBrake.Sip, await SipAsync());
        _clock.Advance(ReadBrake.Duration - (2 * ReadBrake.Pause));
        Assert.Equal(ReadBrake.Sip, await SipAsync());
        Assert.Equal(ReadBrake.Sip + 5, (await _brake.ReadAsync()).Buffer.Length);
    }

    [Fact]
    public async Task Each_reason_leaves_it_on_for_longer()
    {
        await _wire.Writer.WriteAsync(new byte[2 * ReadBrake.Sip]);
        _brake.Press();
        _clock.Advance(ReadBrake.Duration - ReadBrake.Pause);
        _brake.Press();
        _clock.Advance(ReadBrake.Duration - ReadBrake.Pause);
        Assert.Equal(ReadBrake.Sip, await SipAsync());
    }

    [Fact]
    public async Task The_end_comes_after_what_was_sent_before_it()
    {
        await _wire.Writer.WriteAsync(new byte[ReadBrake.Sip + 1]);
        await _wire.Writer.CompleteAsync();
        _brake.Press();
        Assert.Equal(ReadBrake.Sip, await SipAsync());
        var reading = _brake.ReadAsync().AsTask();
        _clock.Advance(ReadBrake.Pause);
        var last = await reading;
        Assert.Equal((1, true), (last.Buffer.Length, last.IsCompleted));
    }

    [Fact]
    public async Task A_read_that_is_called_off_does_not_wait()
    {
        _brake.Press();
        var reading = _brake.ReadAsync().AsTask();
        _brake.CancelPendingRead();
        Assert.True((await reading).IsCanceled);

        using var called = new CancellationTokenSource();
        reading = _brake.ReadAsync(called.Token).AsTask();
        await called.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task A_connection_that_is_lost_is_not_waited_for()
    {
        _brake.Press();
        var reading = _brake.ReadAsync().AsTask();
        await _wire.Writer.CompleteAsync();
        _connection.Abort();
        Assert.True((await reading).IsCompleted);
    }

    [Fact]
    public async Task A_client_may_take_back_as_many_requests_as_it_can_have_and_a_few_a_second()
    {
        var resets = new StreamResets(_brake, new TrafficControl(new TrafficPolicy(), _clock), _clock);
        await _wire.Writer.WriteAsync(new byte[3]);
        for (var reset = 0; reset < 250; reset++)
            resets.Add();
        _clock.Advance(TimeSpan.FromSeconds(2));
        for (var reset = 0; reset < 66; reset++)
            resets.Add();
        var read = await _brake.ReadAsync();
        _brake.AdvanceTo(read.Buffer.Start);
        resets.Add();
        var reading = _brake.ReadAsync().AsTask();
        Assert.False(reading.IsCompleted);
        _clock.Advance(ReadBrake.Pause);
        Assert.Equal(3, (await reading).Buffer.Length);
    }

    /// <summary>Reads once, not before its time; how much it was.</summary>
    private async Task<long> SipAsync()
    {
        var reading = _brake.ReadAsync().AsTask();
        Assert.False(reading.IsCompleted);
        _clock.Advance(ReadBrake.Pause);
        var buffer = (await reading).Buffer;
        _brake.AdvanceTo(buffer.End);
        return buffer.Length;
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
