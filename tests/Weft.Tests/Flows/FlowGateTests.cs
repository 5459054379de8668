using Weft.Flows;

namespace Weft.Tests.Flows;

public sealed class FlowGateTests
{
    private readonly FlowGate _gate = new(new FlowSettings().Probe);

    private bool MayEnter(int lane) => _gate.EnterAsync(lane, TestContext.Current.CancellationToken).AsTask().IsCompleted;

    [Fact]
    public void Only_the_lane_that_probes_may_enter_and_it_alone_opens_the_gate()
    {
        _gate.Down(1, "refused", 0, out bool first);
        _gate.Down(2, "refused", 0, out bool second);
        Assert.Equal((true, false), (first, second));
        Assert.True(MayEnter(1));
        Assert.False(MayEnter(2));
        Assert.False(_gate.Up(2));
        Assert.Equal("refused", _gate.Reason);
        Assert.True(_gate.Up(1));
        Assert.Null(_gate.Reason);
        Assert.True(MayEnter(2));
    }

    [Fact]
    public void A_time_of_being_down_begins_once_and_ends_once_whatever_an_operator_does()
    {
        _gate.Down(1, "refused", 0, out bool begun);
        _gate.Resume();
        Assert.Null(_gate.Reason);
        Assert.True(MayEnter(2));
        _gate.Down(2, "refused", 0, out bool begunAgain);
        _gate.Resume();
        Assert.Equal((true, false), (begun, begunAgain));
        Assert.True(_gate.Up(3));
        Assert.False(_gate.Up(2));
    }

    [Fact]
    public void A_paused_gate_stays_closed_when_the_target_is_up_again()
    {
        _gate.Down(1, "refused", 0, out _);
        _gate.Pause();
        Assert.False(MayEnter(1));
        Assert.True(_gate.Up(1));
        Assert.Equal("paused by an operator", _gate.Reason);
        Assert.False(MayEnter(2));
        _gate.Resume();
        Assert.True(MayEnter(2));
    }
}
